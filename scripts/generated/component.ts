/** A page for each GitLab component: what it is for, how it is included, and its inputs. */
import { parse } from "yaml";
import { code, table } from "./markdown.ts";
import type { Published } from "./published.ts";

interface Spec {
  readonly description: string;
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly type?: string; readonly default?: unknown }>
  >;
}

/** `text` is the component's template. */
export function componentPage(name: string, text: string, { gitlab }: Published): string {
  const [header = "", body = ""] = text.split(/^---$/m);
  const { spec } = parse(header) as { spec: Spec };
  const example = [...header.matchAll(/^#(?: {3}(.*))?$/gm)].map(([, line = ""]) => line);
  const from = example.indexOf("include:");
  const to = example.findIndex((line, at) => at > from && line === "" && example[at + 1] === "");
  const shown = example
    .slice(from, to < 0 ? undefined : to)
    .join("\n")
    .trimEnd();
  const rows = Object.entries(spec.inputs).map(([input, { description, type = "string", default: standard }]) => [
    code(input),
    description,
    type,
    standard === "" || standard === undefined
      ? ""
      : code(typeof standard === "string" ? standard : JSON.stringify(standard)),
  ]);
  return [
    "<!-- Made by `npm run generate` from template.yml. -->",
    "",
    `# ${name}`,
    "",
    spec.description,
    "",
    "```yaml",
    shown.replaceAll("$CI_SERVER_FQDN" + gitlab.slice(gitlab.indexOf("/")), gitlab).replaceAll("<commit sha>", "1"),
    "```",
    "",
    `Secrets are masked CI/CD variables, never inputs: ${["CANCEL_RUN_TOKEN", "CANCEL_RUN_PASSWORD"].map(code).join(", ")} and so on, or those of the`,
    "vendor's own tools, such as `GITLAB_TOKEN`. Recipes, vendors and everything else: [README](../../README.md).",
    ...(body.includes("dotenv:")
      ? ["", "Later jobs have `CANCEL_RUN_OUTCOME`, `CANCEL_RUN_CANCELLED`, `CANCEL_RUN_STATE` and `CANCEL_RUN_PAGE`."]
      : []),
    "",
    "## Inputs",
    "",
    table(["Input", "Meaning", "Type", "Default"], rows),
    "",
    "## Where the program comes from",
    "",
    "The component runs `dist/index.js` of its own commit, after it has compared its SHA-256 with the one that is written in the component. It",
    "takes it from the project `bundle-project` on this GitLab: as a file where that project is public; as a package, by the job's token,",
    "where it is private (in that project, allow yours under _Settings → CI/CD → Job token permissions_; its release job publishes the",
    "package). What GitLab does not have is loaded from GitHub. A server that is busy is asked again, for two and a half minutes.",
    ...(name === "guard"
      ? [
          "A job that is cancelled has no job token any more: for a private project on a server without internet access, put the file into the",
          "job's image and give `bundle-url`, as `file:///opt/cancel-run/{ref}.js`.",
        ]
      : []),
    "",
  ].join("\n");
}
