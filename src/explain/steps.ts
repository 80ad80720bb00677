/** One run, named for each system that the step runs on: what people paste. Needs nothing but the web's own, as a page in a browser has it. */
import { formOf } from "../auth/forms.ts";
import type { Run } from "../engine/run.ts";
import { idInputNames, version } from "../interface.ts";
import type { Auth, CredentialPart, Provider } from "../provider.ts";
import { published } from "../published.ts";

/** What is published under this name moves with each release of it; before the first release it is the one to come. */
const majorVersion = Math.max(1, Number(version.split(".")[0]));

/** Inputs by name, in the order in which they are written. */
export type Named = readonly (readonly [name: string, value: string])[];

/** How the run is named: by its page, where it was given by one, else by its ids. */
export function naming(run: Run, providers: ReadonlyMap<string, Provider>): Named {
  const { place, address } = run;
  const { server, region, kind } = place;
  const own: Named = [
    ...(kind === "public" ? [] : [["server-url", server] as const]),
    ...(new URL(server).protocol === "http:" ? [["allow-http", "true"] as const] : []),
  ];
  if (address !== undefined)
    return [
      ["url", harmless(address)],
      ...(alike(run, providers).length > 0 && kind !== "found" ? [provider(run)] : []),
      ...own,
    ];
  return [
    provider(run),
    ...own,
    ...(region === undefined ? [] : [["region", region] as const]),
    ...Object.entries(run.ids),
  ];
}

const provider = ({ key }: Run): readonly [string, string] => ["provider", key];

/** Other providers whose pages look alike on a server of one's own: the server itself says whose it is. */
export function alike(
  { key, place, provider: { answersTo } }: Run,
  providers: ReadonlyMap<string, Provider>,
): string[] {
  if (place.kind === "public") return [];
  const first = answersTo ?? key;
  const all = [...providers].filter(([name, other]) => name === first || other.answersTo === first);
  return all.map(([name]) => name).filter((name) => name !== key);
}

/** The same address, of which no system makes an expression or a variable. */
function harmless(address: string): string {
  return address.replaceAll("{", "%7B").replaceAll("}", "%7D").replaceAll("$", "%24");
}

/** The form of credential that lasts, for a secret that is kept. */
export function lastingForm({ auth }: Provider): Auth {
  return auth.find(({ shortLived }) => !shortLived) ?? auth[0]!;
}

/** The variables of the vendor's own tools in which people keep it, where there are any. */
function secretsOf(auth: Auth): readonly (readonly [name: CredentialPart, variable: string | undefined])[] {
  return formOf(auth).needs.map((name) => {
    const known = (auth.env[name] ?? []).flatMap((one) =>
      typeof one === "string" ? [one] : "name" in one ? [one.name] : [],
    );
    return [name, known[0]];
  });
}

export function githubStep(run: Run, providers: ReadonlyMap<string, Provider>): string {
  const auth = lastingForm(run.provider);
  const isInput = !formOf(auth).onlyByVariable;
  const kept = auth.action ? [] : secretsOf(auth);
  const secrets = kept.map(([name, known]) => {
    // A secret's name cannot begin so: https://docs.github.com/actions/reference/security/secrets#naming-your-secrets
    const isFree = known !== undefined && !known.startsWith("GITHUB_");
    const secret = isFree ? known : `${run.key}_${name}`.toUpperCase().replaceAll("-", "_");
    return `    ${isInput ? name : secret}: \${{ secrets.${secret} }}`;
  });
  return [
    ...(auth.action ? actionStep(auth.action, run) : []),
    `- uses: ${published.github}@v${majorVersion}`,
    ...(isInput || secrets.length === 0 ? [] : ["  env:", ...secrets]),
    "  with:",
    ...withIds(naming(run, providers), run).map((named) => `    ${line(named)}`),
    ...(isInput ? secrets : []),
  ].join("\n");
}

/** Of an action that trades the identity of the job, which must be allowed to ask for one. */
function actionStep({ uses, with: inputs }: Required<Auth>["action"], { place: { region } }: Run): string[] {
  return [
    "# the job needs `permissions: id-token: write`",
    `- uses: ${uses}`,
    "  with:",
    ...Object.entries(inputs).map(
      ([name, value]) => `    ${name}: ${value.replace("{region}", () => region ?? "REGION")}`,
    ),
  ];
}

/** The component's job is hidden: stage and rules are the user's own, and only a job of the user's can have them. */
export function gitlabComponent(run: Run, providers: ReadonlyMap<string, Provider>): string {
  return [
    "include:",
    `  - component: ${published.gitlab}/cancel@${majorVersion}`,
    "    inputs:",
    "      job-name: .cancel-run",
    ...withIds(naming(run, providers), run).map((named) => `      ${line(named)}`),
    "",
    "stop-run:",
    "  extends: .cancel-run",
    "  stage: deploy",
    "  rules:",
    "    - when: on_failure",
  ].join("\n");
}

/** Where the server has not got the component, which GitLab takes from the same server alone. */
export function gitlabJob(run: Run, providers: ReadonlyMap<string, Provider>): string {
  return ["stop-run:", "  image: node:24-alpine", "  script:", `    - ${scalar(command(run, providers))}`].join("\n");
}

export function command(run: Run, providers: ReadonlyMap<string, Provider>): string {
  const words = naming(run, providers).flatMap(([name, value]) => {
    if (name === "url") return [quoted(value)];
    return name === "allow-http" ? [`--${name}`] : [`--${name}`, quoted(value)];
  });
  return [`npx ${published.npm}@${majorVersion}`, ...words].join(" ");
}

/** Ids that are no inputs by their own names go into `ids`. */
function withIds(named: Named, { ids }: Run): Named {
  const others = named.filter(([name]) => name in ids && !idInputNames.includes(name));
  if (others.length === 0) return named;
  const all = Object.entries(ids).map(
    ([name, value]) => `${name}: ${/[;,"]/.test(value) ? JSON.stringify(value) : value}`,
  );
  return [...named.filter(([name]) => !(name in ids)), ["ids", all.join("; ")]];
}

function line([name, value]: readonly [string, string]): string {
  // The one that is no text: GitLab takes none for it.
  return `${name}: ${name === "allow-http" ? value : scalar(value)}`;
}

/** A text in YAML: in quotes where it could be anything else. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][\w./:@%=?&~+-]*(?: [\w./:@%=?&~+-]+)*$/.test(text) && !/: |:$/.test(text);
  return isPlain && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
