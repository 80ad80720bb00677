import { stringify } from "yaml";
import { githubToken, type Input, jobStatus, outputs } from "../../src/interface.ts";
import { helpOf, shownGroups } from "./inputs.ts";

export interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly repository?: string | { readonly url?: string };
  readonly config?: { readonly gitlab?: string };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax */
export function actionYml({ name, description, author }: Manifest): string {
  // On the Marketplace a name has no scope.
  const head = {
    name: name.replace(/^@[^/]+\//, ""),
    description,
    author,
    branding: { icon: "octagon", color: "red" },
  };
  const rest = {
    outputs: Object.fromEntries(outputs.map(({ name: output, help }) => [output, { description: help }])),
    // Inputs cannot be asked in post-if; on a job that ends well no guard acts, so no line is shown.
    runs: { using: "node24", main: "dist/index.js", post: "dist/post.js", "post-if": "cancelled() || failure()" },
  };
  return [
    "# Made by `npm run generate` from src/interface.ts and src/providers.",
    yaml(head),
    "inputs:",
    ...shownGroups.map(({ title, help, inputs }) => inputsOf(`${title}. ${help}`, inputs)),
    inputsOf(
      "Filled by the runner.",
      [githubToken, jobStatus].map((hidden) => ({ ...hidden, type: "text" })),
    ),
    yaml(rest),
    "",
  ].join("\n");
}

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0 }).trimEnd();

function inputsOf(comment: string, some: readonly Input[]): string {
  const entries = some.map((input) => [
    input.name,
    { description: helpOf(input), ...(input.default !== undefined && { default: input.default }) },
  ]);
  return `# ${comment}\n${yaml(Object.fromEntries(entries))}`.replace(/^/gm, "  ");
}
