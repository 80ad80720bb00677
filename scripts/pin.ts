// Writes into the GitLab templates which dist/index.js they run, and derives from each component the template for a plain include.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Manifest } from "./generated/action.ts";
import { publishedBy } from "./generated/published.ts";

const sha256 = createHash("sha256").update(readFileSync("dist/index.js")).digest("hex");
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest & { version: string };
const { version } = manifest;
const { github } = publishedBy(manifest);

for (const name of readdirSync("templates")) {
  const path = `templates/${name}/template.yml`;
  const component = replaceOnce(readFileSync(path, "utf8"), /(?<=const expected = ")[0-9a-f]{64}(?=";)/, sha256);
  writeFileSync(path, component);
  writeFileSync(`templates/${name}/include.yml`, plain(name, component));
}

/** Without the component's context, which an include by address or file does not have: the input `bundle-ref` tells it. */
function plain(name: string, component: string): string {
  const changes: [RegExp, string][] = [
    [
      /(?<=^# {3}include:\n)# {5}- component: .*\n# {7}inputs:\n/m,
      [
        `#     - remote: https://raw.githubusercontent.com/${github}/<commit sha>/templates/${name}/include.yml`,
        "#       integrity: sha256-<of this file, in base64>",
        "#       inputs:",
        "#         bundle-ref: <commit sha>",
        "",
      ].join("\n"),
    ],
    [/^ {2}description: .*\n {2}component: .*\n/m, ""],
    [
      /^(?= {4}bundle-url:\n)/m,
      [
        "    bundle-ref:",
        '      description: "Commit or tag of cancel-run that this file was taken from."',
        `      default: "v${version}"`,
        "      regex: '^[\\w./-]+$'",
        "",
      ].join("\n"),
    ],
    [/this component's commit/, "`bundle-ref`"],
    [/\$\[\[ component\.sha \]\]/, "$[[ inputs.bundle-ref ]]"],
  ];
  const text = changes.reduce((whole, [from, to]) => replaceOnce(whole, from, to), component);
  return `# Made by \`npm run build\` from template.yml.\n${text}`;
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  const count = text.match(new RegExp(pattern.source, `${pattern.flags}g`))?.length ?? 0;
  if (count !== 1) throw new Error(`A template holds ${pattern.source} ${count} times, not once.`);
  return text.replace(pattern, () => replacement);
}
