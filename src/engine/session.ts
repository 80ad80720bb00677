/** One server with one credential: sends a provider's calls and judges the replies. */
import type { Clock } from "../clock.ts";
import type { Authenticator, Credentials } from "../auth/scheme.ts";
import { Denied } from "../auth/scheme.ts";
import { schemes } from "../auth/index.ts";
import type { Client, HttpRequest } from "../http/client.ts";
import { HttpError, unlessAborted } from "../http/client.ts";
import type { Lane } from "../http/lane.ts";
import type { Ask, Auth, Call, Context, Ids, Json, Pages, Provider, Reply, Select, Step } from "../provider.ts";
import { oneLine } from "../text.ts";
import type { Run } from "./run.ts";
import { fill, fillBody, select } from "./template.ts";

/** What a reply means, before any look. */
export interface Judged {
  readonly kind: "ok" | "not-found" | "denied" | "refused";
  readonly reply: Reply;
  /** The status and the vendor's words, one line. */
  readonly said: string;
  /** The request carried the reason. */
  readonly withReason: boolean;
}

export interface Sending {
  readonly reason: string;
  readonly last?: Json;
  /** Ids that a look has taught. */
  readonly learned?: Ids;
  readonly changes: boolean;
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /** Waits end when it fires. */
  readonly hurry?: AbortSignal;
  readonly onRetry?: (why: string, wait: number) => void;
  /** Comes before a change, when its turn has come; what it rejects with is the answer. */
  readonly before?: () => Promise<void>;
}

export interface SessionOptions {
  readonly auth: Auth;
  readonly credentials: Credentials;
  readonly tokenServer: string | undefined;
  readonly client: Client;
  readonly clock: Clock;
  readonly laneOf: (origin: string) => Lane;
  readonly mask: (secret: string) => void;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #authenticators = new Map<string, Promise<Authenticator>>();
  readonly #explanations = new Map<string, Promise<string | undefined>>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Sends a step of a run's provider. Rejects with `HttpError`. */
  async send(run: Run, step: Step, sending: Sending): Promise<Judged> {
    const values = { ...run.ids, ...sending.learned, reason: sending.reason, region: run.place.region ?? "" };
    const judged = async (call: Call): Promise<Judged> => {
      const result = judge(await this.#send(run, call, values, sending), call, run.provider);
      const { otherwise } = call;
      const said = `${select<string | number>(run.provider.errors?.code, result.reply.body) ?? result.reply.status}`;
      return otherwise?.on.test(said) ? await judged(otherwise) : result;
    };
    if (!("ask" in step)) return await judged(step);
    const context: Context = {
      ids: { ...run.ids, ...sending.learned },
      reason: sending.reason,
      last: sending.last,
      scheme: this.#options.auth.scheme,
      send: (call) => this.#send(run, call, values, sending),
    };
    const answer = await ask(step.ask, context);
    return "route" in answer ? await judged(answer) : judge(answer, undefined, run.provider);
  }

  /** Every item of a list, page by page. `filters` are added to the first page's query. Throws `HttpError`. */
  async *items(run: Run, pages: Pages, sending: Sending, filters: Ids = {}): AsyncGenerator<Json, void> {
    let call: Call = { ...pages, route: withQuery(pages.route, filters) };
    for (let page = 1; page <= mostPages; page++) {
      const { kind, reply, said } = await this.send(run, call, sending);
      if (kind !== "ok") {
        const host = new URL(run.place.api).host;
        const denied = kind === "denied";
        throw new HttpError(denied ? "denied" : "protocol", `${host} answered ${said}`, false);
      }
      const items = pages.items === "" ? reply.body : select<readonly Json[]>(pages.items, reply.body);
      if (!Array.isArray(items)) throw new HttpError("protocol", "the reply is not the list that was asked for", false);
      yield* items;
      const next = pages.next === "link" ? nextLink(reply.headers["link"]) : select<string>(pages.next, reply.body);
      if (!next) return;
      call = { ...pages, route: `GET ${below(run.place.api, next)}` };
    }
    throw new HttpError("protocol", `the list has more than ${mostPages} pages`, false);
  }

  /** After a refusal: what is wrong with the credential, if the vendor can be asked about it. */
  async explain(run: Run, deadline: number, signal: AbortSignal): Promise<string | undefined> {
    const key = run.place.region ?? "";
    const known = this.#explanations.get(key) ?? this.#explain(run, deadline, signal);
    this.#explanations.set(key, known);
    return await known;
  }

  async #explain(run: Run, deadline: number, signal: AbortSignal): Promise<string | undefined> {
    try {
      const explained = (await this.#authenticator(run, deadline)).explain?.();
      return explained && (await unlessAborted(explained, signal));
    } catch {
      // The explanation is a courtesy; the refusal stands without it.
      return undefined;
    }
  }

  async #send(run: Run, call: Call, values: Ids, sending: Sending): Promise<Reply> {
    const { client, laneOf } = this.#options;
    const bare = build(run, call, values);
    const changes = sending.changes && bare.method !== "GET";
    const request = changes
      ? { ...bare, headers: { ...bare.headers, ...(await this.#crumb(run, values, sending)) } }
      : bare;
    const { errors } = run.provider;
    return await laneOf(request.url.origin).run(
      changes,
      async () =>
        await client.send(request, {
          deadline: sending.deadline,
          reads: !sending.changes,
          ...(sending.signal && { signal: sending.signal }),
          ...(sending.hurry && { hurry: sending.hurry }),
          ...(sending.onRetry && { onRetry: sending.onRetry }),
          authorize: async (signed) => {
            try {
              return await (await this.#authenticator(run, sending.deadline)).authorize(signed);
            } catch (error) {
              if (error instanceof Denied) throw new HttpError("denied", oneLine(error.message), false);
              throw error;
            }
          },
          busy: (reply) => errors?.busy?.test(`${select<string | number>(errors.code, reply.body) ?? ""}`) ?? false,
        }),
      sending.hurry,
      sending.deadline,
      changes ? sending.before : undefined,
    );
  }

  /** The headers that a server wants with every change, besides the credential. */
  async #crumb(run: Run, values: Ids, sending: Sending): Promise<Readonly<Record<string, string>>> {
    const { crumb } = this.#options.auth;
    if (!crumb) return {};
    const { status, headers, body } = await this.#send(run, crumb, values, { ...sending, changes: false });
    if (status === 404) return {};
    const [name, value] = [select<string>(crumb.header, body), select<string>(crumb.value, body)];
    if (status !== 200 || typeof name !== "string" || typeof value !== "string") {
      const kind = status === 401 || status === 403 ? "denied" : "protocol";
      throw new HttpError(kind, `the server gave no crumb for a change (${status})`, false);
    }
    const cookies = headers["set-cookie"]?.split(/, (?=[^;,]+=)/).map((cookie) => cookie.split(";")[0]);
    return { [name.toLowerCase()]: value, ...(cookies && { cookie: cookies.join("; ") }) };
  }

  #authenticator(run: Run, deadline: number): Promise<Authenticator> {
    const { auth, credentials, client, clock, mask } = this.#options;
    const key = run.place.region ?? "";
    const known = this.#authenticators.get(key);
    if (known) return known;
    const fresh = schemes[auth.scheme].load().then((scheme) =>
      scheme({
        auth,
        credentials,
        clock,
        mask,
        region: run.place.region,
        tokenServer:
          this.#options.tokenServer ?? (auth.tokenServer && fill(auth.tokenServer, { region: run.place.region ?? "" })),
        // Without a signal: a token that a look was about to get is the token that the last cancel needs.
        send: (request) => client.send(request, { deadline }),
      }),
    );
    this.#authenticators.set(key, fresh);
    return fresh;
  }
}

/** A provider's function that meets a shape which the server should not have sent says so instead of ending the step. */
async function ask(asked: Ask, context: Context): Promise<Call | Reply> {
  try {
    return await asked(context);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new HttpError("protocol", "the server's reply is not as the vendor documents it", false);
  }
}

const mostPages = 1000;

function withQuery(route: string, query: Ids): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? route : `${route}${route.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

/** https://www.rfc-editor.org/rfc/rfc8288 */
function nextLink(header = ""): string | undefined {
  return header
    .split(/,(?=\s*<)/)
    .find((link) => /;\s*rel="?next"?/i.test(link))
    ?.match(/<([^>]*)>/)?.[1];
}

/** The next page is at the server that was asked, or nowhere: a credential goes with the request. */
function below(api: string, next: string): string {
  const address = URL.canParse(next, `${api}/`) ? new URL(next, `${api}/`).href : "";
  if (!address.startsWith(`${api}/`)) {
    throw new HttpError("protocol", `${new URL(api).host} points to a next page elsewhere; it is not followed`, false);
  }
  return address.slice(api.length).replace(/[{}]/g, encodeURIComponent);
}

/** The request for a call. Its path is exactly the one written in the provider's file: an id can neither leave it nor add to it. */
export function build(run: Run, call: Call, values: Ids): HttpRequest {
  const [method = "", path = ""] = call.route.split(" ");
  const filled = fill(path, values);
  const url = new URL(run.place.api + filled);
  if (
    `${url.origin}${url.pathname}${url.search}` !==
    `${new URL(run.place.api).origin}${new URL(run.place.api).pathname.replace(/\/$/, "")}${filled}`
  ) {
    throw new HttpError("protocol", `an id would change the path of the request: ${oneLine(filled, 120)}`, false);
  }
  const headers: Record<string, string> = { ...run.provider.headers };
  for (const [name, value] of Object.entries(call.headers ?? {})) headers[name] = fill(value, values);
  const { type, body } = payload(call, values);
  return {
    method,
    url,
    headers: type === undefined ? headers : { "content-type": type, ...headers },
    ...(body !== undefined && { body }),
    ...(call.accepts && { accepts: call.accepts }),
    ...(call.text && { text: call.text }),
  };
}

function payload({ body, form }: Call, values: Ids): { readonly type?: string; readonly body?: string } {
  if (form) {
    const fields = new URLSearchParams(fillBody(form, values) as Record<string, string>);
    return { type: "application/x-www-form-urlencoded", body: fields.toString() };
  }
  if (body === undefined) return {};
  const filled: Json = fillBody(body, values);
  return typeof filled === "string" ? { body: filled } : { type: "application/json", body: JSON.stringify(filled) };
}

function judge(reply: Reply, call: Call | undefined, { errors }: Provider): Judged {
  const code = select<string | number>(errors?.code, reply.body);
  const said = words(reply, errors?.message).replace(/\.$/, "");
  const known =
    code === undefined ? said : said.includes(`${code}`) ? said : [`${code}`, said].filter(Boolean).join(": ");
  const is = (pattern: RegExp | undefined): boolean => code !== undefined && (pattern?.test(`${code}`) ?? false);
  const ok = (reply.status >= 200 && reply.status < 300) || (call?.accepts?.includes(reply.status) ?? false);
  const accepted =
    call?.accepted === undefined || reply.body === undefined || select<boolean>(call.accepted, reply.body) === true;
  const kind = is(errors?.notFound)
    ? "not-found"
    : reply.status === 401 || reply.status === 403 || is(errors?.denied) || call?.denies?.includes(reply.status)
      ? "denied"
      : is(errors?.already) || (ok && code === undefined && accepted)
        ? "ok"
        : reply.status === 404
          ? "not-found"
          : "refused";
  return {
    kind,
    reply,
    said: known.startsWith(`${reply.status}`) ? known : `${reply.status}${known ? `: ${known}` : ""}`,
    withReason:
      call !== undefined &&
      !is(errors?.already) &&
      JSON.stringify([call.route, call.headers, call.body, call.form]).includes("{reason"),
  };
}

/** Where servers put their words when the provider's file does not say. */
const usual = [
  "error_description",
  "message.error",
  "message",
  "error.message",
  "errors.0.message",
  "errors.0.detail",
  "error_msg",
  "error",
  "detail",
  "msg",
  "title",
];

function words(reply: Reply, where: Select<string> | undefined): string {
  if (typeof reply.body === "string") return oneLine(reply.body, 200);
  for (const from of where === undefined ? usual : [where, ...usual]) {
    const text = select(from, reply.body);
    if (typeof text === "string" && text) return oneLine(text, 200);
  }
  return "";
}
