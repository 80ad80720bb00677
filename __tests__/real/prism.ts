/**
 * Prism plays a vendor's OpenAPI document, and takes no request that is not in it: https://docs.stoplight.io/docs/prism. What it answers
 * is asked for by a header, which what stands in front of it adds: a status of the document, and one of its examples. Prism lets through
 * what a document does not name, so parameters and fields are compared here.
 */
import assert from "node:assert/strict";
import { callsFor } from "../../scripts/generated/compare.ts";
import { operations } from "../../scripts/generated/clients.ts";
import { listen, readRequest } from "../../src/demo/loopback.ts";
import { type Entry, entriesOf } from "../../src/engine/catalog.ts";
import { placeAt } from "../../src/engine/server.ts";
import type { Call } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { fromNpm } from "../e2e/programs.ts";
import type { Suite } from "../e2e/suite.ts";
import {
  type Described,
  type Document,
  documentOf,
  fileOf,
  inDocument,
  operationAt,
  operationOf,
  patternOf,
  templateOf,
} from "../support/openapi.ts";
import { type Played, vendors } from "./documents.ts";
import { ask } from "./http.ts";
import { freePort, start, untilServes } from "./processes.ts";
import { Bundle } from "./step.ts";

const version = "5.16.0";

type Words = Readonly<Record<string, string>>;

/** A run that lives until it is told to stop, unless something else is said here. */
interface Story {
  readonly about: string;
  readonly inputs?: Words;
  readonly ids?: Words;
  readonly answers?: Words;
  readonly secrets?: Words;
  /** It was stopped before we came. */
  readonly isOver?: true;
  /** Statuses in the place of the usual answers. */
  readonly look?: string;
  readonly cancel?: string;
  /** The cancel alone does not stop it. */
  readonly isStubborn?: true;
  readonly outcome: string;
  readonly code: number;
}

export async function prismTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const folder = await fromNpm({ name: "prism-cli", version }, [`@stoplight/prism-cli@${version}`]);
  if (typeof folder !== "string") {
    suite.skip("prism", folder.why);
    return;
  }
  // For one that is being added.
  const chosen = process.env["PRISM_VENDORS"]?.split(",");
  for (const [key, { secrets, targets }] of Object.entries(vendors)) {
    if (chosen && !chosen.includes(key)) continue;
    const port = await freePort();
    const program = `${folder}/node_modules/.bin/prism`;
    const args = ["mock", "--host=127.0.0.1", `--port=${port}`, fileOf(key, checkout)];
    const prism = start(`prism-${key}`, program, args, { cwd: scratch });
    const server = `http://127.0.0.1:${port}`;
    await untilServes(prism, "Prism serves", 60, async () => (await ask(`GET ${server}/`)).status > 0);
    for (const [name, played] of Object.entries(targets)) {
      const entry = entriesOf(key, providers.get(key)!).get(name)!;
      const play = new Play(entry, played, documentOf(key, checkout), server);
      await suite.test(`prism: ${key} ${name}: each request is in the document, and each status is what it says`, () =>
        play.all(new Bundle(checkout, scratch), secrets),
      );
    }
    await prism.end();
  }
}

/** The stories of one target. */
class Play {
  readonly #entry: Entry;
  readonly #played: Played;
  readonly #document: Document;
  readonly #prism: string;
  readonly #asked = new Set<string>();
  #requests = 0;

  constructor(entry: Entry, played: Played, document: Document, prism: string) {
    this.#entry = entry;
    this.#played = played;
    this.#document = document;
    this.#prism = prism;
  }

  async all(bundle: Bundle, secrets: Words): Promise<string> {
    const stories = this.#stories();
    for (const story of stories) await this.#tell(story, bundle, secrets);
    const missing = this.#routes().filter((route) => !this.#asked.has(route));
    assert.deepEqual(missing, Object.keys(this.#played.unasked ?? {}), "calls that no story makes");
    return `${stories.length} stories, ${this.#requests} requests of ${this.#asked.size} calls`;
  }

  #stories(): readonly Story[] {
    const { also = [] } = this.#played;
    const isCancelled = callsFor(this.#entry, "cancel").every((call) => this.#describe(call));
    const stops: readonly Story[] = [
      { about: "lives", outcome: "cancelled", code: 0 },
      ...this.#statuses("cancel").map((status) => ({
        about: `cancel ${status}`,
        cancel: status,
        ...this.#afterCancel(status),
      })),
      ...this.#entry.force.slice(0, 1).map((): Story => ({
        about: "force",
        inputs: { "force-after": "1s" },
        isStubborn: true,
        outcome: "cancelled",
        code: 0,
      })),
    ];
    const looks: readonly Story[] = [
      { about: "dry run", inputs: { "dry-run": "true" }, outcome: "would-cancel", code: 0 },
      { about: "is over", isOver: true, outcome: "already-finished", code: 0 },
      ...this.#statuses("look").map((status) => ({ about: `look ${status}`, look: status, ...afterLook(status) })),
    ];
    return [
      ...looks,
      ...(isCancelled ? stops : []),
      ...also.map((further) => ({ about: JSON.stringify(further.inputs), code: 0, ...further })),
    ];
  }

  /** Those of errors that the document has for a call. */
  #statuses(does: "look" | "cancel"): readonly string[] {
    const found = callsFor(this.#entry, does).flatMap((call) => this.#describe(call) ?? []);
    const named = (found[0]?.statuses ?? []).flatMap((status) => (status === "default" ? usual[does] : [status]));
    return named.filter((status) => /^[45]\d\d$/.test(status));
  }

  /** Every call of the target that the document has. */
  #routes(): readonly string[] {
    const calls = operations.flatMap((does) => callsFor(this.#entry, does));
    return [...new Set(calls.flatMap((call) => this.#describe(call)?.route ?? []))];
  }

  #describe(call: Call): Described | undefined {
    return operationOf(this.#document, this.#entry, call);
  }

  /** The run is over at the look that follows. What may be an outage leaves open whether the cancel had its effect. */
  #afterCancel(status: string): Pick<Story, "outcome" | "code"> {
    if (status === "401" || status === "403") return { outcome: "refused", code: 4 };
    // How long a limit lasts is for the server to say, and a document's reply does not.
    if (status === "405" || status === "429" || status === "501") return { outcome: "failed", code: 1 };
    const isNo = callsFor(this.#entry, "cancel").some(({ refusedStatus = [] }) =>
      refusedStatus.includes(Number(status)),
    );
    return { outcome: status.startsWith("5") && !isNo ? "cancelled" : "already-finished", code: 0 };
  }

  async #tell(story: Story, bundle: Bundle, secrets: Words): Promise<void> {
    const { ids = this.#played.ids, inputs = {}, outcome, code, about } = story;
    const wrong: string[] = [];
    let phase: Phase = story.isOver ? "stopped" : "lives";
    const front = await listen((incoming, response) => {
      void (async () => {
        const request = await readRequest(incoming);
        this.#requests++;
        const [path = "", query = ""] = request.path.split("?");
        const api = new URL(placeAt(this.#entry.provider, new URL(front.url), "given").api).pathname.replace(/\/$/, "");
        const isBelow = path.startsWith(`${api}/`);
        const below = isBelow ? path.slice(api.length) : path;
        const first = this.#doing(request.method, below);
        // Some force by the same call.
        const does = first === "cancel" && phase === "stubborn" ? "force" : first;
        // People sign in beside the API.
        const place = isBelow ? inDocument(this.#document, this.#entry, below) : path;
        const found = operationAt(this.#document, request.method, place);
        const prefer = this.#answer(does, found, story, phase);
        if (does === "cancel") phase = story.isStubborn ? "stubborn" : "stopped";
        if (does === "force") phase = "stopped";
        if (found) this.#asked.add(found.route);
        const given = Object.entries(request.headers).filter(
          (entry): entry is [string, string] =>
            typeof entry[1] === "string" && !["host", "connection", "content-length"].includes(entry[0]),
        );
        const reply = await ask(`${request.method} ${this.#prism}${place}${query && `?${query}`}`, {
          headers: { ...Object.fromEntries(given), prefer },
          ...(request.body !== "" && { body: request.body }),
        });
        const told = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
        const said = [
          ...[...new URLSearchParams(query).keys()].filter((name) => found && !found.queries.includes(name)),
          ...fieldsIn(request.body).filter((name) => found?.fields?.includes(name) === false),
        ].map((name) => `${name} is not in the document`);
        if (reply.headers.has("sl-violations") || told.includes("stoplight.io/prism"))
          said.push(reply.headers.get("sl-violations") ?? told);
        wrong.push(...said.map((words) => `${request.method} ${request.path} (${prefer}): ${words}`));
        response.writeHead(reply.status, { "content-type": "application/json" }).end(told);
      })().catch((error: unknown) => {
        wrong.push(String(error));
        response.destroy();
      });
    });
    try {
      const { key } = this.#entry;
      const ended = await bundle.run(
        { provider: key, "server-url": front.url, timeout: "20s", ...inputs },
        ids,
        story.secrets ?? secrets,
      );
      assert.deepEqual([...new Set(wrong)], [], about);
      assert.deepEqual([ended.outcome, ended.code], [outcome, code], `${about}: ${ended.output}`);
    } finally {
      front.close();
    }
  }

  /** What a request is for; everything else is answered by the document's first example. */
  #doing(method: string, path: string): Doing {
    return (["look", "cancel", "force"] as const).find((does) =>
      callsFor(this.#entry, does)
        .map(templateOf)
        .some((template) => template.method === method && patternOf(template.path).test(path)),
    );
  }

  #answer(does: Doing, found: Described | undefined, { look, cancel, answers }: Story, phase: Phase): string {
    const { lives = "lives", stubborn = lives, stopped = "stopped" } = this.#played;
    const other = does === "look" ? look : does === "cancel" ? cancel : undefined;
    if (other !== undefined) return `code=${other}`;
    const own = { ...this.#played.answers, ...answers }[found?.route ?? ""];
    if (own !== undefined) return own;
    const status = found?.statuses.find((one) => one.startsWith("2")) ?? "200";
    const names = found?.examples(status) ?? [];
    const name =
      does === "cancel" || does === "force"
        ? names[0]
        : names.find((one) => one === (does === "look" ? { lives, stubborn, stopped }[phase] : phase));
    return `code=${status}${name === undefined ? "" : `, example=${name}`}`;
  }
}

type Doing = "look" | "cancel" | "force" | undefined;
type Phase = "lives" | "stubborn" | "stopped";

/** Where a document has one reply for all errors. */
const usual = {
  look: ["400", "401", "403", "404", "500"],
  cancel: ["400", "401", "403", "404", "409", "500"],
} as const;

/** docs/architecture.md, What is next. */
function afterLook(status: string): Pick<Story, "outcome" | "code" | "inputs"> {
  if (status === "401" || status === "403") return { outcome: "refused", code: 4 };
  if (status === "404" || status === "410") return { outcome: "not-found", code: 5 };
  // What may be an outage is asked again until the time is up.
  return { outcome: "failed", code: 1, inputs: { timeout: "3s" } };
}

function fieldsIn(body: string): readonly string[] {
  return body.startsWith("{") ? Object.keys(JSON.parse(body) as object) : [];
}
