/** What is made from package.json, src/interface.ts, src/providers, src/engine/story.ts and the matrix of faults: a file's path and its content. */
import { readdirSync } from "node:fs";
import { actionYml, type Manifest } from "./action.ts";
import { architecture } from "./architecture.ts";
import { componentPage } from "./component.ts";
import { manifestTs } from "./manifest.ts";
import { manPage } from "./man.ts";
import { providerPages } from "./providers.ts";
import { publishedBy, publishedIn, publishedTs, rename } from "./published.ts";
import { readme } from "./readme.ts";
import { reliabilityPage } from "./reliability.ts";
import { reportSchema } from "./schema.ts";
import { template } from "./template.ts";

type Read = (path: string) => string | undefined;

/** `read` returns a file of the repository, undefined when there is none. What is written by hand is made, too, where the action or a component is named in it. */
export function generatedFiles(read: Read): ReadonlyMap<string, string> {
  const manifest = JSON.parse(read("package.json") ?? "{}") as Manifest;
  const names = publishedBy(manifest);
  const old = publishedIn(read(publishedPath) ?? "") ?? names;
  const files = [...namedByHand(read), ...made(manifest, read)];
  return new Map([
    [publishedPath, publishedTs(names)],
    ["src/providers/manifest.ts", manifestTs()],
    ...files.map(([path, text]) => [path, rename(text, old, names)] as const),
  ]);
}

const publishedPath = "src/published.ts";

function made(manifest: Manifest, read: Read): ReadonlyMap<string, string> {
  const files = new Map([
    ["action.yml", actionYml(manifest)],
    ...providerPages(read),
    ["docs/reliability.md", reliabilityPage(read)],
    ["docs/architecture.md", architecture(read("docs/architecture.md") ?? "")],
    ["man/cancel-run.1", manPage(manifest.description)],
    ["docs/report.schema.json", reportSchema()],
    ["README.md", readme(read("README.md") ?? "", publishedBy(manifest))],
  ]);
  const cancel = read("templates/cancel/template.yml") ?? "";
  for (const name of readdirSync("templates")) {
    for (const path of [`templates/${name}/template.yml`, `templates/${name}/include.yml`]) {
      const text = read(path);
      // include.yml is made from template.yml, later.
      if (text !== undefined) files.set(path, template(name, text, path, cancel));
    }
    const component = files.get(`templates/${name}/template.yml`);
    if (component !== undefined)
      files.set(`templates/${name}/README.md`, componentPage(name, component, publishedBy(manifest)));
  }
  return files;
}

/** Pages and examples that people copy steps from. */
function namedByHand(read: Read): (readonly [path: string, text: string])[] {
  const pages = readdirSync("docs").filter((name) => name.endsWith(".md"));
  const examples = readdirSync("examples").flatMap((host) =>
    readdirSync(`examples/${host}`).map((name) => `examples/${host}/${name}`),
  );
  const forGitHub = readdirSync(".github", { recursive: true, encoding: "utf8" }).map((name) => `.github/${name}`);
  const paths = [
    ...["package.json", "SECURITY.md", "CONTRIBUTING.md", "RELEASE.md", "CHANGELOG.md", ".gitlab-ci.yml"],
    ...forGitHub.map((path) => path.replaceAll("\\", "/")).filter((path) => /\.(?:yml|md)$/.test(path)),
    ...pages.map((name) => `docs/${name}`),
    ...examples,
  ];
  return paths.flatMap((path) => {
    const text = read(path);
    return text === undefined ? [] : [[path, text] as const];
  });
}
