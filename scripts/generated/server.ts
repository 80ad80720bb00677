/** Where a provider's servers are, in words. */
import type { Provider, Regional, Server } from "../../src/provider.ts";
import { code, codes, listed } from "./markdown.ts";

export function serverOf({ server, targets }: Provider): string {
  const urls = [server.url, ...Object.values(targets).map((target) => target.server)].filter(
    (url) => url !== undefined,
  );
  const open = [...new Set(urls.flatMap((url) => (typeof url === "string" ? url : url.map((one) => one.url))))];
  const others = server.selfHosted || open.length === 0 ? "`server-url`" : "";
  const regional = urls.some((url) => typeof url !== "string") ? "give `region`" : "";
  return [open.map(code).join(", "), regional, others && (open.length > 0 ? `or ${others}` : `give ${others}`)]
    .filter(Boolean)
    .join("; ");
}

/** The servers of one service, with the regions that each is for. */
export function regionalOf(servers: Regional): string {
  return listed(
    servers.map(({ regions, url }) => `${code(url)} for regions ${code(regions.source)}`),
    "and",
  );
}

/** Which API base belongs to which server. */
export function apiOf({ api = "" }: Server): string {
  if (typeof api === "string") return api && `${code(api)} below the server`;
  return listed(
    Object.entries(api).map(([host, base]) => {
      const whose = host === "*" ? "any other server" : code(host);
      if (base === "") return `${whose} itself`;
      return base.startsWith("/") ? `${code(base)} below ${whose}` : `${code(base)} for ${whose}`;
    }),
  );
}

/** Variables that fill in what the inputs leave out. */
export function serverVariables({ server }: Provider): string {
  return [
    server.env && `server: ${codes(server.env, "or")}`,
    server.region && `region: ${codes(server.region.env, "or")}`,
  ]
    .filter(Boolean)
    .join("; ");
}
