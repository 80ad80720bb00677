/**
 * One HTTP request on the wire: connections, TLS, proxies, timeouts and size limits.
 * undici's parts are imported one by one: its root module evaluates fetch, WebSocket and caches that no request here uses.
 */
import Agent from "undici/lib/dispatcher/agent.js";
import request from "undici/lib/api/api-request.js";
import dns from "node:dns";
import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import type { Environment } from "../environment.ts";
import { head } from "../text.ts";
import { isCredentialAgent, isMetadata } from "./metadata.ts";

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  /** It goes to the host that we run on, past any proxy, and may go to an agent that hands out credentials. */
  readonly forCredential?: true;
}

export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The connection broke while the body was read; status and headers are true. */
  readonly cut?: true;
}

export interface Transport {
  send(request: WireRequest): Promise<WireReply>;
  close(): Promise<void>;
}

/** Decoded bytes of one reply; a run's JSON is a few kB. */
export const largestReply = 5 * 1024 * 1024;

/** What went wrong below HTTP. `code` is Node's, undici's or ours. */
export class TransportError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Sends by undici, through the proxy that the environment names, if any. */
export function undiciTransport(env: Environment): Transport {
  let dispatcher: Promise<Dispatcher> | undefined;
  let toHost: Dispatcher | undefined;
  return {
    async send({ method, url, headers, body, signal, forCredential = false }) {
      // An address is not looked up.
      if (isMetadata(url.hostname) && !(forCredential && isCredentialAgent(url))) throw forbidden(url.hostname);
      const way = forCredential ? (toHost ??= new Agent({ connect: toServer })) : await (dispatcher ??= connect(env));
      const response = await request
        .call(way, {
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers,
          body: body ?? null,
          signal,
        })
        .catch((error: unknown) => {
          throw refusedByProxy(error, url, env) ?? unreachableProxy(error, url, env) ?? error;
        });
      const flat: Record<string, string> = {};
      for (const [name, value] of Object.entries(response.headers))
        flat[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
      const chunks: Buffer[] = [];
      let size = 0;
      try {
        for await (const chunk of response.body as AsyncIterable<Buffer>) {
          size += chunk.length;
          if (size > largestReply) throw tooLarge();
          chunks.push(chunk);
        }
      } catch (error) {
        if (signal.aborted || error instanceof TransportError) throw error;
        return { status: response.statusCode, headers: flat, text: "", cut: true };
      }
      // undici gives a connection back one turn of the event loop after its reply: a request before that opens another one.
      await new Promise(setImmediate);
      return {
        status: response.statusCode,
        headers: flat,
        text: await decode(Buffer.concat(chunks), flat["content-encoding"]),
      };
    },
    async close() {
      // destroy, not close: a request that was given up on must not keep the process alive.
      await Promise.all([(await dispatcher?.catch(() => undefined))?.destroy(), toHost?.destroy()]);
    },
  };
}

const tooLarge = (): TransportError =>
  new TransportError("TOO_LARGE", `the reply is larger than ${largestReply / 1024 / 1024} MiB`);

/** NODE_TLS_REJECT_UNAUTHORIZED=0 would hand a credential to anybody; NODE_EXTRA_CA_CERTS is the way to trust a private authority. */
const verified = { rejectUnauthorized: true };

/** To the server itself. To a proxy it is the proxy that looks names up, and the environment that says where the proxy is. */
const toServer = { ...verified, lookup: lookUp };

/** A name is judged by the addresses that are connected to: those of an earlier look-up may have been others. */
function lookUp(...[name, options, done]: Parameters<LookupFunction>): void {
  dns.lookup(name, options, (error, found, family) => {
    const addresses = error ? [] : typeof found === "string" ? [found] : found.map(({ address }) => address);
    const bad = addresses.find(isMetadata);
    if (bad === undefined) done(error, found, family);
    else done(forbidden(bad), []);
  });
}

const forbidden = (address: string): TransportError =>
  new TransportError("FORBIDDEN", `it is at ${address}, a link-local or metadata address; nothing was sent`);

/** What a proxy answers instead of opening a tunnel is known by undici's words only. */
function refusedByProxy(error: unknown, url: URL, env: Environment): TransportError | undefined {
  const status = /^Proxy response \((\d+)\)/.exec(error instanceof Error ? error.message : "")?.[1];
  if (status === undefined) return undefined;
  if (/^(?:408|429|5..)$/.test(status)) return new TransportError("PROXY_BUSY", `the proxy answers ${status}`);
  const { http, https } = proxiesOf(env);
  const given = proxy(url.protocol === "https:" ? (https ?? http) : (http ?? https));
  const where = URL.canParse(given) ? ` ${new URL(given).hostname}:${portOf(new URL(given))}` : "";
  const what =
    status === "407"
      ? "does not accept the user name and password, or wants some (407); put them into HTTPS_PROXY or HTTP_PROXY, http://NAME:PASSWORD@HOST:PORT"
      : `does not open a tunnel there (${status}); ask who runs it to allow this host, or list it in NO_PROXY if it can be reached without`;
  return new TransportError("PROXY_REFUSED", `the proxy${where} ${what}`);
}

/** The proxy that could not be connected to, told by what the error says of its peer; undefined if that was the server. */
function unreachableProxy(error: unknown, url: URL, env: Environment): TransportError | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, port, hostname } = error as { code?: unknown; port?: unknown; hostname?: unknown };
  if (typeof code !== "string" || !/^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)/.test(code)) return undefined;
  for (const address of Object.values(proxiesOf(env))) {
    if (address === undefined || !URL.canParse(proxy(address))) continue;
    const given = new URL(proxy(address));
    const isPeer =
      hostname === undefined
        ? `${port as number}` === portOf(given) && portOf(given) !== portOf(url)
        : hostname === given.hostname && hostname !== url.hostname;
    if (isPeer)
      return new TransportError(
        code === "ENOTFOUND" ? "PROXY_UNKNOWN" : "PROXY_DOWN",
        `the proxy ${given.hostname}:${portOf(given)} cannot be reached (${code}); check HTTPS_PROXY or HTTP_PROXY`,
      );
  }
  return undefined;
}

const portOf = ({ port, protocol }: URL): string => port || (protocol === "https:" ? "443" : "80");

const variableOf = (env: Environment, name: string): string | undefined =>
  env[name.toLowerCase()] || env[name.toUpperCase()] || undefined;

const proxiesOf = (env: Environment): { readonly http: string | undefined; readonly https: string | undefined } => ({
  http: variableOf(env, "http_proxy"),
  https: variableOf(env, "https_proxy"),
});

async function connect(env: Environment): Promise<Dispatcher> {
  const { http, https } = proxiesOf(env);
  const direct = (variableOf(env, "no_proxy") ?? "").split(/[,\s]+/).filter(Boolean);
  if ((!http && !https) || direct.includes("*")) return new Agent({ connect: toServer });
  const [{ default: EnvHttpProxyAgent }, { default: Dispatcher }, { default: tunnel }] = await Promise.all([
    import(/* webpackMode: "eager" */ "undici/lib/dispatcher/env-http-proxy-agent.js"),
    import(/* webpackMode: "eager" */ "undici/lib/dispatcher/dispatcher.js"),
    import(/* webpackMode: "eager" */ "undici/lib/api/api-connect.js"),
  ]);
  // The root module sets it; the proxy agent opens its tunnels by it.
  Dispatcher.prototype.connect = async function (options) {
    try {
      return await tunnel.call(this, options);
    } catch (error) {
      // For this one error undici would open the next tunnel at once, without end.
      if ((error as NodeJS.ErrnoException).code !== "UND_ERR_SOCKET") throw error;
      throw new TransportError("PROXY_BUSY", "the proxy closes the connection instead of opening a tunnel");
    }
  };
  try {
    const { username, password } = new URL(proxy(https ?? http));
    return new EnvHttpProxyAgent({
      // undici leaves out a user name without a password, which is how some proxies take a token.
      ...(username &&
        !password && { token: `Basic ${Buffer.from(`${decodeURIComponent(username)}:`).toString("base64")}` }),
      connect: toServer,
      requestTls: verified,
      proxyTls: verified,
      httpProxy: proxy(http ?? https),
      httpsProxy: proxy(https ?? http),
      // undici takes the last part of an IPv6 address without brackets for a port.
      noProxy: ["localhost", "127.0.0.1", "::1", ...direct]
        .map((host) => (/^[^[\]]*:[^[\]]*:/.test(head(host)) ? `[${host}]` : host))
        .join(","),
    });
  } catch {
    // The original message quotes the proxy's address with its password.
    throw new TransportError(
      "PROXY",
      "HTTPS_PROXY or HTTP_PROXY does not hold a proxy address such as http://proxy.example.com:8080",
    );
  }
}

/** curl and the Actions toolkit accept a proxy without scheme; undici does not. */
const proxy = (address: string | undefined): string =>
  !address || address.includes("://") ? (address ?? "") : `http://${address}`;

async function decode(bytes: Buffer, encoding: string | undefined): Promise<string> {
  if (encoding === undefined) return bytes.toString("utf8");
  const { gunzipSync, inflateSync, brotliDecompressSync, constants } = await import("node:zlib");
  // Servers are not asked to compress; some proxies do all the same. A missing trailer is tolerated: parsing decides.
  const options = { maxOutputLength: largestReply, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    if (encoding === "gzip" || encoding === "x-gzip") return gunzipSync(bytes, options).toString("utf8");
    if (encoding === "deflate") return inflateSync(bytes, options).toString("utf8");
    if (encoding === "br") return brotliDecompressSync(bytes, { maxOutputLength: largestReply }).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new TransportError("ENCODING", `the reply's ${encoding ?? ""} encoding is broken`);
  }
  return bytes.toString("utf8");
}
