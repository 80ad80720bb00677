/**
 * Prism plays a vendor's OpenAPI document, and takes no request that is not in it: https://docs.stoplight.io/docs/prism. What it answers
 * is asked for by a header, which what stands in front of it adds: a status of the document, and one of its examples.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listen, readRequest } from "../../src/demo/loopback.ts";
import { fromNpm } from "../e2e/programs.ts";
import type { Suite } from "../e2e/suite.ts";
import { ask } from "./http.ts";
import { freePort, start, untilServes } from "./processes.ts";
import { Bundle } from "./step.ts";

const version = "5.16.0";

type Words = Readonly<Record<string, string>>;

interface Document {
  /** Of `__tests__/fixtures/openapi`. */
  readonly file: string;
  readonly provider: string;
  readonly token: Words;
  readonly targets: readonly {
    readonly ids: Words;
    /** Example of a run that lives, of one that was cancelled, and of the answer to the cancel with its status. */
    readonly lives: string;
    readonly stopped: string;
    readonly taken: string;
  }[];
}

const documents: readonly Document[] = [
  {
    file: "gitlab.json",
    provider: "gitlab",
    token: { GITLAB_TOKEN: "glpat-prismCanary0123456789" },
    targets: [
      {
        ids: { project: "foo/bar", "job-id": "88" },
        lives: "code=200, example=force_on_running_is_noop",
        taken: "code=201, example=running_to_canceling",
        stopped: "code=200, example=already_canceled",
      },
      {
        ids: { project: "foo/bar", "pipeline-id": "47" },
        lives: "code=200, example=running",
        taken: "code=200, example=canceling",
        stopped: "code=200, example=canceled",
      },
    ],
  },
];

export async function prismTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const folder = await fromNpm({ name: "prism-cli", version }, [`@stoplight/prism-cli@${version}`]);
  if (typeof folder !== "string") {
    suite.skip("prism", folder.why);
    return;
  }
  const bundle = new Bundle(checkout, scratch);
  for (const { file, provider, token, targets } of documents) {
    const port = await freePort();
    const document = join(checkout, "__tests__/fixtures/openapi", file);
    const program = join(folder, "node_modules/.bin/prism");
    const args = ["mock", "--errors", "--host=127.0.0.1", `--port=${port}`, document];
    const prism = start(`prism-${provider}`, program, args, { cwd: scratch });
    await untilServes(prism, "Prism serves", 60, async () => (await ask(`GET http://127.0.0.1:${port}/`)).status > 0);

    for (const { ids, lives, taken, stopped } of targets) {
      const stories: readonly (readonly [answers: readonly string[], outcome: string, code: number])[] = [
        [[lives, taken, stopped], "cancelled", 0],
        [[stopped], "already-finished", 0],
        [["code=401"], "refused", 4],
        [["code=403"], "refused", 4],
        [["code=404"], "not-found", 5],
        [[lives, "code=401"], "refused", 4],
        [[lives, "code=403"], "refused", 4],
        [[lives, "code=400", stopped], "already-finished", 0],
        [[lives, "code=404", stopped], "already-finished", 0],
      ];
      const name = `${provider} ${Object.keys(ids).at(-1) ?? ""}`;
      await suite.test(`prism: ${name}: each request is in the document, and each status is what it says`, async () => {
        let requests = 0;
        for (const [answers, outcome, code] of stories) {
          const left = [...answers];
          const wrong: string[] = [];
          const front = await listen((incoming, response) => {
            void (async () => {
              const { method, path, headers, body } = await readRequest(incoming);
              requests++;
              // The last answer is that to all that is asked afterwards.
              const prefer = left.length > 1 ? left.shift()! : left[0]!;
              const given = Object.entries(headers).filter(
                (entry): entry is [string, string] =>
                  typeof entry[1] === "string" && !["host", "connection", "content-length"].includes(entry[0]),
              );
              const reply = await ask(`${method} http://127.0.0.1:${port}${path}`, {
                headers: { ...Object.fromEntries(given), prefer },
                ...(body !== "" && { body }),
              });
              const told = JSON.stringify(reply.body);
              if (reply.headers.has("sl-violations") || told.includes("stoplight.io/prism"))
                wrong.push(`${method} ${path} (${prefer}): ${reply.headers.get("sl-violations") ?? told}`);
              response.writeHead(reply.status, { "content-type": "application/json" }).end(told);
            })().catch((error: unknown) => {
              wrong.push(String(error));
              response.destroy();
            });
          });
          try {
            const inputs = { provider, "server-url": front.url, timeout: "20s" };
            const ended = await bundle.run(inputs, ids, token);
            assert.deepEqual(wrong, []);
            assert.deepEqual([ended.outcome, ended.code], [outcome, code], `${answers.join("; ")}: ${ended.output}`);
          } finally {
            front.close();
          }
        }
        return `${stories.length} stories, ${requests} requests`;
      });
    }
  }
}
