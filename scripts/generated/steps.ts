/** Steps to paste for a made-up run of each kind: what `cancel-run explain` says of it. */
import type { Entry } from "../../src/engine/catalog.ts";
import { explainAddress } from "../../src/explain/browser.ts";
import type { Explanation } from "../../src/explain/explanation.ts";
import { variable } from "../../src/hosts/common.ts";
import { inputs } from "./inputs.ts";
import { examplePage } from "./pages.ts";

/** Where somebody's own server is, in examples. */
const ownServer: Readonly<Record<string, string>> = { gorules: "https://acme.us1.gorules.io" };
const exampleRegion = inputs.find(({ name }) => name === "region")?.example ?? "";

/** By its page where a page can be pasted, else by its ids. */
export function exampleOf({ key, provider, targetName, target, pastablePages: [page] }: Entry): Explanation {
  const { server } = provider;
  const isRegional = typeof server.url === "object" || typeof target.server === "object";
  const own = server.url === undefined && !isRegional ? (ownServer[key] ?? `https://${key}.example.com`) : undefined;
  const ids = Object.entries(target.ids).filter(([, { optional }]) => !optional);
  const result = explainAddress(
    page === undefined ? "" : examplePage(provider, target, page).replace("https://HOST", own ?? ""),
    {
      provider: key,
      ...(own !== undefined && { "server-url": own }),
      ...(page === undefined && isRegional && { region: server.region?.example ?? exampleRegion }),
      ...(page === undefined && Object.fromEntries(ids.map(([name, { example }]) => [name, example]))),
    },
  );
  if ("message" in result) throw new Error(`The example of ${key} ${targetName}: ${result.message}`);
  return result.runs[0]!;
}

/** The variables that hold the credential on GitLab and in a terminal. */
export function credentialVariables({ credentials: [form] }: Explanation): readonly string[] {
  return form!.inputs.map((name) => form!.variables[name]?.[0] ?? variable(name));
}
