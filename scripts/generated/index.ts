/** What is made from src/interface.ts, src/providers, src/engine/story.ts and the matrix of faults: a file's path and its content. */
import { readdirSync } from "node:fs";
import { actionYml, type Manifest } from "./action.ts";
import { architecture } from "./architecture.ts";
import { providersPage } from "./providers.ts";
import { readme } from "./readme.ts";
import { reliabilityPage } from "./reliability.ts";
import { template } from "./template.ts";

/** `read` returns a file of the repository, undefined when there is none. In docs/architecture.md, the README and the templates only the regions between markers are made. */
export function generatedFiles(read: (path: string) => string | undefined): ReadonlyMap<string, string> {
  const manifest = JSON.parse(read("package.json") ?? "{}") as Manifest;
  const files = new Map([
    ["action.yml", actionYml(manifest)],
    ["docs/providers.md", providersPage(read)],
    ["docs/reliability.md", reliabilityPage(read)],
    ["docs/architecture.md", architecture(read("docs/architecture.md") ?? "")],
    ["README.md", readme(read("README.md") ?? "")],
  ]);
  const cancel = read("templates/cancel/template.yml") ?? "";
  for (const name of readdirSync("templates")) {
    for (const path of [`templates/${name}/template.yml`, `templates/${name}/include.yml`]) {
      const text = read(path);
      // include.yml is made from template.yml, later.
      if (text !== undefined) files.set(path, template(name, text, path, cancel));
    }
  }
  return files;
}
