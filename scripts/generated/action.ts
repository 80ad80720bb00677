import { stringify } from "yaml";
import { githubToken, jobStatus, outputs } from "../../src/interface.ts";
import { allInputs, helpOf } from "./inputs.ts";

export interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly repository?: string | { readonly url?: string };
  readonly config?: { readonly gitlab?: string };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax */
export function actionYml({ name, description, author }: Manifest): string {
  const action = {
    name,
    description,
    author,
    branding: { icon: "octagon", color: "red" },
    inputs: Object.fromEntries([
      ...allInputs.map((input) => [
        input.name,
        { description: helpOf(input), ...(input.default !== undefined && { default: input.default }) },
      ]),
      ...[githubToken, jobStatus].map((hidden) => [hidden.name, { description: hidden.help, default: hidden.default }]),
    ]) as unknown,
    outputs: Object.fromEntries(outputs.map(({ name: output, help }) => [output, { description: help }])),
    // Inputs cannot be asked in post-if; on a job that ends well no guard acts, so no line is shown.
    runs: { using: "node24", main: "dist/index.js", post: "dist/post.js", "post-if": "cancelled() || failure()" },
  };
  return `# Made by \`npm run generate\` from src/interface.ts and src/providers.\n${stringify(action, { lineWidth: 0 })}`;
}
