import { exampleValues, fill } from "../../src/engine/template.ts";
import { pageOf } from "../../src/engine/run.ts";
import type { Provider, Target } from "../../src/provider.ts";
import { inputs } from "./inputs.ts";

const exampleRegion = inputs.find(({ name }) => name === "region")?.example ?? "";

/** The address of a page, with the examples of the ids in it. */
export function examplePage({ server }: Provider, target: Target, template: string): string {
  const region = server.regionExample ?? exampleRegion;
  return pageOf(template, fill(server.url ?? "https://HOST", { region }), exampleValues(template, target, region));
}
