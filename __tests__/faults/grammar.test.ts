/**
 * What we write, read by the grammars of those who read it. They are written here anew, from their sources and not from our code,
 * letter for letter where it matters, oddities included.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { error, info, setOutput, warning } from "@actions/core";
import fc from "fast-check";
import { defuse } from "../../src/hosts/github.ts";
import { dotenv } from "../../src/hosts/gitlab.ts";
import type { Report } from "../../src/engine/record.ts";
import { oneLine } from "../../src/text.ts";
import { hostile } from "../support/hostile.ts";

interface Command {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

// --- https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs ---

/** Those that a runner registers: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs */
const registered = new Set(
  "internal-set-repo-path set-env set-output save-state add-path add-mask stop-commands debug warning error notice group endgroup echo add-matcher remove-matcher".split(
    " ",
  ),
);
const isRegistered = (name: string): boolean => registered.has(name.toLowerCase());

const unescapeData = (text: string): string =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
const unescapeProperty = (text: string): string =>
  text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
const unescapeOld = (text: string): string =>
  text
    .replaceAll("%3B", ";")
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%5D", "]")
    .replaceAll("%25", "%");

/** .NET's Trim: white space as Unicode has it, which is not what String.prototype.trim takes off. */
const trimStart = (text: string): string => text.replace(/^[\p{Zs}\u2028\u2029\t\n\v\f\r\u0085]+/u, "");

function split(text: string, separator: string, unescape: (text: string) => string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const pair of trimStart(text).split(separator).filter(Boolean)) {
    const at = pair.indexOf("=");
    // Split('=', count: 2): a pair without a value is left out.
    if (at >= 0) properties[pair.slice(0, at).trim()] = unescape(pair.slice(at + 1));
  }
  return properties;
}

/** The form `::name a=b,c=d::data`. */
function tryParseV2(message: string): Command | undefined {
  const text = trimStart(message);
  if (!text.startsWith("::")) return undefined;
  const end = text.indexOf("::", 2);
  if (end < 0) return undefined;
  const inside = text.slice(2, end);
  const space = inside.indexOf(" ");
  const command = space < 0 ? inside : inside.slice(0, space);
  if (!isRegistered(command)) return undefined;
  const properties = space > 0 ? split(inside.slice(space + 1), ",", unescapeProperty) : {};
  return { command, properties, data: unescapeData(text.slice(end + 2)) };
}

/** The old form `##[name a=b;c=d]data`, anywhere in a line. */
function tryParse(message: string): Command | undefined {
  const start = message.indexOf("##[");
  const end = message.indexOf("]", start);
  if (start < 0 || end < 0) return undefined;
  const inside = message.slice(start + 3, end);
  const space = inside.indexOf(" ");
  const command = space < 0 ? inside : inside.slice(0, space);
  if (!isRegistered(command)) return undefined;
  const properties = space > 0 ? split(inside.slice(space + 1), ";", unescapeOld) : {};
  return { command, properties, data: unescapeOld(message.slice(end + 1)) };
}

/** StreamReader.ReadLine ends a line at \r, \n or both. */
function commandsIn(log: string): Command[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => tryParseV2(line) ?? tryParse(line) ?? []);
}

// --- https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs: EnvFileKeyValuePairs ---

function* fileKeyValuePairs(text: string): Generator<readonly [string, string]> {
  let index = 0;
  /** A line with the line break that ends it. */
  const readLine = (): { line: string; newline: string } | undefined => {
    if (index >= text.length) return undefined;
    const original = index;
    const lf = text.indexOf("\n", index);
    if (lf < 0) {
      index = text.length;
      return { line: text.slice(original), newline: "" };
    }
    index = lf + 1;
    const crlf = lf > original && text[lf - 1] === "\r";
    return crlf
      ? { line: text.slice(original, lf - 1), newline: "\r\n" }
      : { line: text.slice(original, lf), newline: "\n" };
  };
  for (let read = readLine(); read !== undefined; read = readLine()) {
    const { line } = read;
    if (line === "") continue;
    const [equals, heredoc] = [line.indexOf("="), line.indexOf("<<")];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      const name = line.slice(0, equals);
      if (name === "") throw new Error("Name must not be empty");
      yield [name, line.slice(equals + 1)];
    } else if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const [name, delimiter] = [line.slice(0, heredoc), line.slice(heredoc + 2)];
      if (name === "" || delimiter === "") throw new Error("Name and delimiter must not be empty");
      let value = "";
      let newline = "";
      for (let next = readLine(); ; next = readLine()) {
        if (next === undefined) throw new Error(`Matching delimiter not found '${delimiter}'`);
        if (next.line === delimiter) break;
        value += newline + next.line;
        ({ newline } = next);
      }
      yield [name, value];
    } else throw new Error(`Invalid format '${line}'`);
  }
}

// --- https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/services/ci/parse_dotenv_artifact_service.rb ---

function parseDotenv(blob: string): Record<string, string> {
  if (Buffer.byteLength(blob) >= 5 * 1024) throw new Error("Dotenv Artifact Too Big");
  const variables: Record<string, string> = {};
  for (const line of blob.split(/(?<=\n)/)) {
    // SUPPORTED_KEY_VALUE = /^[^=]*=?.*$/; KEY and value are stripped, and the key must be a variable's name.
    const at = line.indexOf("=");
    if (at < 0) throw new Error("Invalid Format");
    const [key, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (!/^\w{1,255}$/.test(key)) throw new Error(`Key can contain only letters, digits and '_'.: ${key}`);
    variables[key] = value;
  }
  return variables;
}

// --- The tests ---

const folder = mkdtempSync(join(tmpdir(), "cancel-run-grammar-"));
const file = join(folder, "output");
beforeEach(() => {
  writeFileSync(file, "");
  process.env["GITHUB_OUTPUT"] = file;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  delete process.env["GITHUB_OUTPUT"];
});

/** What goes to stdout while something is written. */
function written(write: () => void): string {
  const original = process.stdout.write.bind(process.stdout);
  let log = "";
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    log += chunk.toString();
    return true;
  };
  try {
    write();
  } finally {
    process.stdout.write = original;
  }
  return log;
}

/** Commands as somebody would write them who has read the runner's sources. */
const command = fc
  .record({
    before: fc.constantFrom(
      "",
      " ",
      "\u00a0",
      "\u3000",
      "\u0085",
      "\t",
      "x",
      "\r",
      "\n",
      "\r\n",
      "\u2028",
      "\u001b[2K",
      "\ufeff",
      "\u200e",
      ":",
      "#",
    ),
    name: fc.constantFrom(...registered, "ERROR", "Set-Output"),
    properties: fc.constantFrom("", " name=outcome", " file=x,line=1", "\u001b[0m", "\u0000"),
    old: fc.boolean(),
    gap: fc.constantFrom("", "\u200e", "\u0000", "\u001b[0m", "\u061c"),
  })
  .map(({ before, name, properties, old, gap }) =>
    old ? `${before}#${gap}#${gap}[${name}${properties}]x` : `${before}:${gap}:${name}${properties}:${gap}:x`,
  );
const anything = fc.oneof(
  hostile,
  command,
  fc.tuple(hostile, command, hostile).map((parts) => parts.join("")),
);

/** Its stages are those of hosts/github.ts: one line, then defused. */
const safe = (text: string): string => defuse(oneLine(text, 2000));

test("the readers read what they are made for", () => {
  expect(commandsIn("::set-output name=a%2Cb,x=y::v%0Aw")).toEqual([
    { command: "set-output", properties: { name: "a,b", x: "y" }, data: "v\nw" },
  ]);
  expect(commandsIn("so ##[error line=1;col=2]x%5D\n::nonsense::x\n\u00a0::error::x\rz\r::warning::")).toHaveLength(3);
  expect([...fileKeyValuePairs("a=b<<c\n\nd<<E\r\nx\ny\r\nE\ne<<E\nE")]).toEqual([
    ["a", "b<<c"],
    ["d", "x\ny"],
    ["e", ""],
  ]);
  expect(() => [...fileKeyValuePairs("a<<E\nb")]).toThrow("Matching delimiter");
  expect(parseDotenv("A=b=c\nD=\n")).toEqual({ A: "b=c", D: "" });
});

describe("a runner reads in our log", () => {
  test("no command in a line, whatever stands in it", () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(commandsIn(written(() => info(safe(text))))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("in an error or a warning that one command, with that one line as its data", () => {
    fc.assert(
      fc.property(anything, anything, fc.boolean(), (text, title, bad) => {
        const log = written(() => (bad ? error : warning)(safe(text), { title: safe(title) }));

        expect(commandsIn(log)).toEqual([
          {
            command: bad ? "error" : "warning",
            properties: safe(title) ? { title: safe(title) } : {},
            data: safe(text),
          },
        ]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a runner reads in our outputs", () => {
  // JSON and single lines are all that we write: of a carriage return before a line feed the runner makes one line break.
  const value = fc.oneof(
    anything.map((text) => JSON.stringify({ text })),
    anything.map((text) => oneLine(text)),
  );

  test("what was written, letter for letter, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z][a-z-]{0,12}$/), value)), (values) => {
        writeFileSync(file, "");
        for (const [name, text] of values) setOutput(name, text);

        expect([...fileKeyValuePairs(readFileSync(file, "utf8"))]).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });
});

describe("GitLab reads in our dotenv report", () => {
  const report = (outcome: string, state: string | null, url: string | null): Report =>
    ({ outcome, cancelled: 1, state, url, runs: [], exit: 0, failOn: [] }) as unknown as Report;

  test("our four variables, whatever the server says", () => {
    fc.assert(
      fc.property(
        anything,
        fc.option(anything),
        fc.option(fc.oneof(anything, fc.webUrl({ withQueryParameters: true }))),
        (outcome, state, url) => {
          const variables = parseDotenv(dotenv(report(outcome, state, url)));

          expect(Object.keys(variables)).toEqual([
            "CANCEL_RUN_OUTCOME",
            "CANCEL_RUN_CANCELLED",
            "CANCEL_RUN_STATE",
            "CANCEL_RUN_PAGE",
          ]);
          // A later job expands what looks like a variable, and a shell what looks like a command.
          for (const value of Object.values(variables)) expect(value).not.toMatch(/[\s$`'"\\]/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("a plain address as it is", () => {
    const url = "https://gitlab.example.com/platform/deploy/-/jobs/4711?a=b&c=%20d#e";

    expect(parseDotenv(dotenv(report("cancelled", "cancelled", url)))).toMatchObject({
      CANCEL_RUN_OUTCOME: "cancelled",
      CANCEL_RUN_PAGE: url,
    });
  });
});
