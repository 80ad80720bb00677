import { pageOf } from "../../src/engine/run.ts";
import { publicUrl } from "../../src/engine/server.ts";
import { exampleValues } from "../../src/engine/template.ts";
import type { Provider, Target } from "../../src/provider.ts";
import { inputs } from "./inputs.ts";

const exampleRegion = inputs.find(({ name }) => name === "region")?.example ?? "";

/** The address of a page, with the examples of the ids in it. */
export function examplePage({ server }: Provider, target: Target, template: string): string {
  const region = server.region?.example ?? exampleRegion;
  return pageOf(template, publicUrl(server.url, region) ?? "https://HOST", exampleValues(template, target, region));
}
