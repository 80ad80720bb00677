/** Steps to paste: one run named for GitHub Actions, for GitLab CI/CD and in a terminal. */
import { stringify } from "yaml";
import { schemes } from "../../src/auth/index.ts";
import type { Entry } from "../../src/engine/catalog.ts";
import { variableName } from "../../src/engine/words.ts";
import { variable } from "../../src/hosts/common.ts";
import { idInputNames, isSecret } from "../../src/interface.ts";
import { published } from "../../src/published.ts";
import type { CredentialName } from "../../src/provider.ts";
import { inputs as declared } from "./inputs.ts";
import { examplePage } from "./pages.ts";

type Values = Readonly<Record<string, string>>;

/** Where somebody's own server is, in examples. */
const ownServer: Readonly<Record<string, string>> = { gorules: "https://acme.us1.gorules.io" };
const otherServer = (key: string): string => ownServer[key] ?? `https://${key}.example.com`;

/** How the run is named: by its page where a page can be pasted, else by its ids. */
export function naming(entry: Entry): Values {
  const { key, provider, target, pastablePages } = entry;
  const { server } = provider;
  const [page] = pastablePages;
  const isRegional = typeof server.url === "object" || typeof target.server === "object";
  const region = isRegional ? { region: server.region?.example ?? exampleRegion } : {};
  const address = page === undefined ? undefined : examplePage(provider, target, page);
  const own = server.url === undefined && !isRegional ? otherServer(key) : undefined;
  const place: Values = own === undefined ? {} : { "server-url": own };
  if (address !== undefined)
    return { url: own === undefined ? address : address.replace("https://HOST", own), ...place };
  const ids = Object.entries(target.ids).filter(([, { optional }]) => !optional);
  const byName = ids.filter(([name]) => idInputNames.includes(name)).map(([name, { example }]) => [name, example]);
  const others = ids
    .filter(([name]) => !idInputNames.includes(name))
    .map(([name, { example }]) => `${name}: ${example}`);
  return {
    provider: key,
    ...place,
    ...region,
    ...(Object.fromEntries(byName) as Values),
    ...(others.length > 0 && { ids: others.join("; ") }),
  };
}

const exampleRegion = declared.find(({ name }) => name === "region")?.example ?? "";

/** What the first form of credentials needs, and the variable of each: the vendor's own, or one of ours. */
function credentials({ key, provider }: Entry): readonly (readonly [name: CredentialName, variable: string])[] {
  const [auth] = provider.auth;
  if (auth === undefined) return [];
  return schemes[auth.scheme].needs.map((name) => {
    const [own] = (auth.env[name] ?? []).map(variableName).filter((known) => /^[A-Z_0-9]+$/.test(known));
    return [name, own ?? `${key}_${name}`.toUpperCase().replaceAll("-", "_")] as const;
  });
}

export function githubStep(entry: Entry): string {
  const secrets = credentials(entry).map(([name, secret]) => {
    const place = isSecret(name) || name === "username" ? "secrets" : "vars";
    // A secret of that name cannot be made: https://docs.github.com/actions/reference/security/secrets#naming-your-secrets
    return [name, `\${{ ${place}.${secret.replace(/^(?:GH|GITHUB)_TOKEN$/, "DEPLOY_TOKEN")} }}`];
  });
  const given = { ...naming(entry), ...(Object.fromEntries(secrets) as Values) };
  return yaml([{ uses: `${published.github}@v1`, with: given }]);
}

/** A job of the reader's own, because the component's would run at the end of every pipeline. */
export function gitlabJob(entry: Entry): string {
  const inputs = { "job-name": ".cancel-run", ...naming(entry) };
  return [
    yaml({ include: [{ component: `${published.gitlab}/cancel@1`, inputs }] }),
    "",
    yaml({ "stop-run": { extends: ".cancel-run", stage: "deploy", rules: [{ when: "on_failure" }] } }),
  ].join("\n");
}

/** The variables that hold the credential on GitLab and in a terminal. */
export function credentialVariables(entry: Entry): readonly string[] {
  const [auth] = entry.provider.auth;
  return credentials(entry).map(([name]) => {
    const own = auth?.env[name]?.map(variableName)[0];
    return own ?? variable(name);
  });
}

export function command(entry: Entry): string {
  const { url, ...given } = naming(entry);
  const flags = Object.entries(given).map(([name, value]) => `--${name} ${quoted(value)}`);
  return ["npx cancel-run@1", ...(url === undefined ? [] : [quoted(url)]), ...flags].join(" ");
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Every value is a string, so a number is quoted: GitLab takes nothing else for an input of that type. */
function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
