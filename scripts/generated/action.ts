import { stringify } from "yaml";
import { githubToken, outputs } from "../../src/interface.ts";
import { allInputs, helpOf } from "./inputs.ts";

export interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly author: string;
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax */
export function actionYml({ name, description, author }: Manifest): string {
  const action = {
    name,
    description,
    author,
    branding: { icon: "x-octagon", color: "red" },
    inputs: Object.fromEntries([
      ...allInputs.map((input) => [
        input.name,
        { description: helpOf(input), ...(input.default !== undefined && { default: input.default }) },
      ]),
      [githubToken.name, { description: githubToken.help, default: githubToken.default }],
    ]) as unknown,
    outputs: Object.fromEntries(outputs.map(({ name: output, help }) => [output, { description: help }])),
    runs: { using: "node24", main: "dist/index.js" },
  };
  return `# Made by \`npm run generate\` from src/interface.ts and src/providers.\n${stringify(action, { lineWidth: 0 })}`;
}
