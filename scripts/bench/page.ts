/** docs/performance.md, of what was measured. */
import { cpus, totalmem } from "node:os";
import { format } from "prettier";
import { table } from "../generated/markdown.ts";
import { figure, type Finding, isOut } from "./arithmetic.ts";
import type { Many } from "./many.ts";
import type { Node } from "./node.ts";
import type { Pace } from "./pace.ts";
import type { Requests } from "./requests.ts";
import { type Part, total } from "./size.ts";
import type { Comparison } from "./start.ts";

/** What is compared, in the order of the page. */
export const sections = {
  start: {
    title: "Start",
    text: "From the start of the process to its first request on the wire, over http, beside one line of built-in `fetch` that sends one request, Node that does nothing, and curl. The run is over, so the step ends after one look. What makes it so: the parts of undici that send are imported one by one, and those of them that no request of ours reaches stay out of the bundle (`scripts/patches/undici.patch` says which, and why); a module that the first request does not need is evaluated when it is called; a part of Node is loaded where it is used. No look and no check is left out or put off for it: inputs are checked, and outputs are written, before the first request is sent.",
  },
  cancel: {
    title: "One cancel",
    text: "Look, cancel, look: from the start of the process to its end, beside one line of built-in `fetch` that sends the same three requests. All three go over one connection, and V8 does not compile the parser of replies a second time in the background, which would hold up the exit (`src/index.ts`).",
  },
  startOverTls: {
    title: "Start over TLS",
    text: "The same as above over TLS, as every vendor is. `NODE_EXTRA_CA_CERTS` names the server's authority for all programs; what it costs any start of Node stands in the table at the top, as does a proxy.",
  },
  cancelOverTls: { title: "One cancel over TLS", text: "Three requests, one handshake." },
  ten: {
    title: "Ten runs in one step",
    text: "Ten workflow runs on GitHub, at a server that answers at once. The baselines send one request and then ten cancels, one after the other, and never look, which is what actions do that know one vendor; ours looks before and after each cancel.",
  },
  tenFarAway: { title: "Ten runs in one step, 50 ms away", text: "The same at a server that answers after 50 ms." },
} as const;

export type Section = keyof typeof sections;

interface Measured {
  readonly rounds: number;
  readonly findings: readonly Finding[];
  readonly compared: ReadonlyMap<Section, ReadonlyMap<Node, Comparison>>;
  readonly pace: Pace;
  readonly many: Many;
  readonly requests: Requests;
  readonly parts: readonly Part[];
  readonly official: readonly string[];
}

export const ms = (value: number): string => (Number.isNaN(value) ? "" : value.toFixed(1));

function tables(all: ReadonlyMap<Node, Comparison>): string[] {
  return [...all].flatMap(([{ version, judged }, { rows }]) => [
    `Node ${version}${judged ? ", which the action runs on" : ""}:`,
    table(
      [
        "program",
        "first request, ms",
        "CPU of its main thread until then, ms",
        "whole, ms",
        ...Object.keys(rows[0]!.ratios).map((name) => `/ ${name}`),
      ],
      rows.map(({ name, first, cpu, whole, ratios }) => [
        name,
        ms(first),
        ms(cpu),
        ms(whole),
        ...Object.values(ratios).map(figure),
      ]),
    ),
  ]);
}

export function page({ rounds, findings, compared, pace, many, requests, parts, official }: Measured): Promise<string> {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${process.platform} ${process.arch}`;
  const paragraphs = [
    "# Performance",
    "Written by `npm run bench`: do not edit. Times are those of one machine; only ratios and counts are held against bounds, and times only on the Node that the action runs on.",
    table(
      ["figure", "value", "at most"],
      findings.map((one) => [
        one.what,
        `${figure(one.value)}${one.unit}`,
        one.most === undefined ? "" : `${figure(one.most)}${one.unit}${isOut(one) ? " **out of bounds**" : ""}`,
      ]),
    ),
    "## How",
    `On ${machine}. Servers are on the loopback address and answer at once, but where a latency is named. Each round runs every program once, every other round in reverse order; the first round does not count; ${rounds} do. Times are medians; a ratio is the median of the ratios of the same round, and of whole times where one of the two sends nothing.`,
    ...[...compared].flatMap(([section, onNode]) => [
      `## ${sections[section].title}`,
      sections[section].text,
      ...tables(onNode),
    ]),
    "## The vendors' own command lines",
    ...official,
    "## From stopped to known",
    "How long after a run has stopped the step knows it, in s, and in parentheses its requests with the look before and the cancel: medians of five stopping times around the one named, each by five chances; in simulated time, at a server that answers at once. Beside it, polling at fixed intervals after a look that comes at once.",
    table(
      ["stops after, s", "ours", ...pace.intervals.map((interval) => `every ${interval} s`)],
      pace.rows.map(({ stopsAfter, ours, polling }) => [
        `${stopsAfter}`,
        ...[ours, ...polling].map(({ late, requests: sent }) => `${figure(late)} (${sent})`),
      ]),
    ),
    "## Many runs",
    "In one step, at a server without a budget that answers at once.",
    table(
      ["runs", "CPU, ms", "most live memory, MiB"],
      many.steps.map(({ count, cpu, memory }) => [`${count}`, cpu.toFixed(0), (memory / 1024).toFixed(0)]),
    ),
    "## Requests",
    "Of one cancel that is confirmed at the first look after it, in the order in which they are sent; by the exchanges that the tests play.",
    table(
      ["target", "requests", "methods"],
      requests.perTarget.map(({ name, methods }) => [name, `${methods.length}`, methods.join(" ")]),
    ),
    "## The bundle",
    "By package. Every file of a package that is in it is used by some path; a function of such a file that is not called remains, because the bundle is not minified.",
    table(
      ["part", "kB"],
      [...parts, { name: "all", bytes: total(parts) }].map(({ name, bytes }) => [name, (bytes / 1000).toFixed(0)]),
    ),
  ];
  return format(paragraphs.join("\n\n"), { parser: "markdown", printWidth: 120 });
}
