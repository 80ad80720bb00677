/** The change log, out of conventional commits: https://www.conventionalcommits.org */

interface Change {
  readonly type: string;
  readonly text: string;
  readonly breaking: string | undefined;
}

/** Users notice these; of the rest only what breaks something. */
const titles: Readonly<Record<string, string>> = { feat: "New", fix: "Fixed", perf: "Faster" };

function read(message: string): Change | undefined {
  const [subject = "", ...body] = message.split("\n");
  const { type, scope, mark, text } =
    /^(?<type>[a-z]+)(?:\((?<scope>[^)]*)\))?(?<mark>!)?: (?<text>.+)$/.exec(subject)?.groups ?? {};
  if (type === undefined || text === undefined) return undefined;
  const footer = /^BREAKING[ -]CHANGE: (.+)$/m.exec(body.join("\n"))?.[1];
  return {
    type,
    text: scope === undefined ? text : `**${scope}**: ${text}`,
    breaking: footer ?? (mark === undefined ? undefined : text),
  };
}

export function nextVersion(current: string, messages: readonly string[]): string {
  const [major = 0, minor = 0, patch = 0] = current.split(".").map(Number);
  // The first one that is published.
  if (major === 0) return "1.0.0";
  const changes = messages.flatMap((message) => read(message) ?? []);
  if (changes.some(({ breaking }) => breaking !== undefined)) return `${major + 1}.0.0`;
  if (changes.some(({ type }) => type === "feat")) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

export function changesFrom(messages: readonly string[]): string {
  const changes = messages.flatMap((message) => read(message) ?? []);
  const lists = [
    ["What you have to change", changes.flatMap(({ breaking }) => breaking ?? [])] as const,
    ...Object.entries(titles).map(
      ([type, title]) => [title, changes.filter((change) => change.type === type).map(({ text }) => text)] as const,
    ),
  ];
  return lists
    .filter(([, items]) => items.length > 0)
    .map(([title, items]) => `### ${title}\n\n${items.map((item) => `- ${item}`).join("\n")}`)
    .join("\n\n");
}

const unreleased = "## Unreleased\n";

/** What stands below "Unreleased" was written by a person, and is taken in place of the commits. */
export function released(log: string, version: string, date: string, fromCommits: string): string {
  if (log.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has ${version} already`);
  const at = log.indexOf(unreleased);
  const [before, after] =
    at < 0
      ? [log.slice(0, firstRelease(log)), log.slice(firstRelease(log))]
      : [log.slice(0, at), log.slice(at + unreleased.length)];
  const next = at < 0 ? 0 : firstRelease(after);
  const written = after.slice(0, next).trim() || fromCommits;
  if (written === "") throw new Error("Nothing that users notice has changed since the last release");
  return `${before}## ${version} (${date})\n\n${written}\n${after.slice(next).replace(/^(?=#)/, "\n")}`;
}

/** Where the newest release begins, or the end. */
function firstRelease(log: string): number {
  const at = log.search(/^## \d/m);
  return at < 0 ? log.length : at;
}

/** What stands in the log of one release. */
export function notesOf(log: string, version: string): string | undefined {
  const [, rest] = log.split(`\n## ${version} (`);
  if (rest === undefined) return undefined;
  const body = rest.slice(rest.indexOf("\n"));
  return `${body.slice(0, firstRelease(body)).trim()}\n`;
}

interface Manifest {
  version: string;
  /** Of a lock file: the package itself is the one without a name. */
  packages?: Record<string, { version: string }>;
}

/** A manifest or lock file of npm with another version of the package itself. */
export function withVersion(text: string, version: string): string {
  const manifest = JSON.parse(text) as Manifest;
  manifest.version = version;
  const own = manifest.packages?.[""];
  if (own) own.version = version;
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
