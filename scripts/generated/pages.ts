import { fill } from "../../src/engine/template.ts";
import type { Provider, Target } from "../../src/provider.ts";
import { inputs } from "./inputs.ts";

const exampleRegion = inputs.find(({ name }) => name === "region")?.example ?? "";

export function pageTemplates({ page }: Target): readonly string[] {
  return typeof page === "string" ? [page] : (page ?? []);
}

/** The address of a page, with the examples of the ids in it. */
export function examplePage(provider: Provider, target: Target, template: string): string {
  const ids = Object.entries(target.ids).map(([name, id]) => [name, id.normalize?.(id.example) ?? id.example]);
  const values = { ...(Object.fromEntries(ids) as Record<string, string>), region: exampleRegion };
  const path = template.replace(/^\{server\}/, "");
  const whole = /^[a-z]+:/.test(template);
  return whole ? fill(path, values) : fill(provider.server.url ?? "https://HOST", values) + fill(path, values);
}
