/** Where a provider's servers are, in words. */
import type { Provider } from "../../src/provider.ts";
import { code, codes } from "./markdown.ts";

export function serverOf({ server, targets }: Provider): string {
  const own = Object.values(targets).flatMap((target) => target.server ?? []);
  const open = [...new Set([server.url, ...own].filter((url) => url !== undefined))];
  const others = server.selfHosted || open.length === 0 ? "`server-url`" : "";
  const regional = open.some((url) => url.includes("{region}")) ? "give `region`" : "";
  return [open.map(code).join(", "), regional, others && (open.length > 0 ? `or ${others}` : `give ${others}`)]
    .filter(Boolean)
    .join("; ");
}

/** Variables that fill in what the inputs leave out. */
export function serverVariables({ server }: Provider): string {
  return [
    server.env && `server: ${codes(server.env, "or")}`,
    server.regionEnv && `region: ${codes(server.regionEnv, "or")}`,
  ]
    .filter(Boolean)
    .join("; ");
}
