/** Where people get the action and the components: said once, by `name` and `repository` in package.json, and written into every other file. */
import type { Manifest } from "./action.ts";

export interface Published {
  /** `acme/stop`, as in `uses:`. */
  readonly github: string;
  /** `gitlab.com/acme/stop`, as in `component:`. */
  readonly gitlab: string;
  /** `@acme/stop`, as in `npx`. */
  readonly npm: string;
}

/** The owner until somebody publishes it. */
const placeholder = "OWNER";

/**
 * On GitLab it has the same path on gitlab.com, unless package.json has a `gitlab` in its `config`.
 * https://docs.npmjs.com/cli/configuring-npm/package-json#repository
 */
export function publishedBy({ name, repository, config }: Pick<Manifest, "name" | "repository" | "config">): Published {
  const address = typeof repository === "string" ? repository : (repository?.url ?? "");
  const github = /^(?:github:|(?:git\+)?https:\/\/github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(address)?.[1];
  if (github === undefined)
    throw new Error(`package.json: repository is "${address}", not an address such as https://github.com/acme/stop`);
  const gitlab = config?.gitlab ?? `gitlab.com/${github}`;
  if (!/^[\w.-]+(?:\/[\w.-]+){2,}$/.test(gitlab))
    throw new Error(`package.json: config.gitlab is "${gitlab}", not an address such as gitlab.com/acme/tools/stop`);
  return { github, gitlab, npm: name };
}

export function publishedTs({ github, gitlab, npm }: Published): string {
  return `/** Made by \`npm run generate\` from package.json: where people get the action, the GitLab components and the package. */
export const published = {
  github: "${github}",
  gitlab: "${gitlab}",
  npm: "${npm}",
} as const;
`;
}

/** What `publishedTs` has written: the names that are in the other files. */
export function publishedIn(text: string): Published | undefined {
  const [, github, gitlab, npm] = /\bgithub: "([^"]+)",\s+gitlab: "([^"]+)",\s+npm: "([^"]+)"/.exec(text) ?? [];
  return github === undefined || gitlab === undefined || npm === undefined ? undefined : { github, gitlab, npm };
}

/** `text` with the names that it was written with replaced by those of today. */
export function rename(text: string, from: Published, to: Published): string {
  const path = ({ gitlab }: Published): string => gitlab.slice(gitlab.indexOf("/"));
  const names: readonly (readonly [from: string, to: string])[] = [
    [from.gitlab, to.gitlab],
    [`$CI_SERVER_FQDN${path(from)}`, `$CI_SERVER_FQDN${path(to)}`],
    [from.github, to.github],
    [`npx ${from.npm}`, `npx ${to.npm}`],
    [`from "${from.npm}`, `from "${to.npm}`],
  ];
  const pattern = names.map(([name]) => name.replaceAll(/[$.]/g, String.raw`\$&`)).join("|");
  const found = new RegExp(`(?<![\\w.-])(?:${pattern})(?![\\w-])`, "g");
  return text.replaceAll(found, (name) => names.find(([old]) => old === name)?.[1] ?? name);
}

/** What the README says until somebody publishes it. */
export function placeholderNote({ github }: Published): string {
  if (!github.startsWith(`${placeholder}/`)) return "";
  return `In the examples, replace \`${placeholder}\` with the account that publishes the action.`;
}
