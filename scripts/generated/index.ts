/** What is made from src/interface.ts and src/providers: a file's path and its content. */
import { actionYml, type Manifest } from "./action.ts";
import { providersPage } from "./providers.ts";
import { readme } from "./readme.ts";
import { template } from "./template.ts";

/** In these only the regions between markers are made; a file that does not exist is left out. */
const withRegions: Readonly<Record<string, (text: string, path: string) => string>> = {
  "README.md": readme,
  "templates/cancel.yml": template,
  "templates/cancel/include.yml": template,
  "templates/cancel/template.yml": template,
};

/** `read` returns a file of the repository, undefined when there is none. */
export function generatedFiles(read: (path: string) => string | undefined): ReadonlyMap<string, string> {
  const manifest = JSON.parse(read("package.json") ?? "{}") as Manifest;
  const regions = Object.entries(withRegions).flatMap(([path, make]) => {
    const text = read(path);
    return text === undefined ? [] : ([[path, make(text, path)]] as const);
  });
  return new Map([["action.yml", actionYml(manifest)], ["docs/providers.md", providersPage()], ...regions]);
}
