import { describe, expect, test } from "@jest/globals";
import { platformOf, reportJson } from "../src/hosts/common.ts";
import { outcomes } from "../src/interface.ts";
import { cancelRun } from "../src/main.ts";
import { providers } from "../src/providers/all.ts";
import { SimulatedClock } from "./support/clock.ts";
import {
  ExchangeError,
  type ExchangeFile,
  exchangeFiles,
  ExchangeTransport,
  parseExchange,
  type Problem,
  secret,
} from "./support/exchange.ts";
import { MemoryHost } from "./support/host.ts";
import { checkReport } from "./support/schema.ts";
import { registryOf } from "./support/registry.ts";

const all = exchangeFiles();

// The names of the tests begin with the provider's key: `npm test -- contract -t circleci` plays the exchanges of one.
describe.each([...providers.keys()])("%s", (key) => {
  const own = all.filter(({ provider }) => provider === key).map((one) => [one.file, one.title, one] as const);
  // Without any, the scenarios below say what is missing.
  if (own.length > 0)
    test.each(own)("%s: %s", async (_, __, file) => {
      await play(file);
    });

  test.each(Object.keys(providers.get(key)?.targets ?? {}))("%s has the scenarios that every target has", (target) => {
    const shown = all
      .filter(({ provider, file }) => provider === key && file.startsWith(`${target}-`))
      .flatMap(({ text }) => [...text.matchAll(/^expect outcome: (.*)$/gm)].map(([, outcome]) => outcome));

    const missing = ["cancelled", "already-finished", "not-found", "refused", "still-running"].filter(
      (outcome) => !shown.includes(outcome),
    );
    if (missing.length > 0)
      throw new Error(
        `no __tests__/exchanges/${key}/${target}-*.http has "expect outcome: " ${missing.join(", ")}; see docs/adding-a-provider.md#exchanges`,
      );
  });
});

test("every exchange belongs to a provider", () => {
  expect(all.map(({ provider }) => provider).filter((provider) => !providers.has(provider))).toEqual([]);
});

async function play(file: ExchangeFile): Promise<void> {
  const exchange = parseExchange(file);
  const clock = new SimulatedClock();
  const transport = new ExchangeTransport(exchange.turns, clock);
  const host = new MemoryHost(exchange.inputs, exchange.env, platformOf(exchange.env));
  for (const [path, text] of Object.entries(exchange.files)) host.files.set(path, text);

  const exit = await cancelRun({
    host,
    registry: registryOf(providers),
    clock,
    transport,
    interrupted: new AbortController().signal,
  });

  const report = host.final ?? host.reports.at(-1);
  const runs = report?.runs ?? [];
  if (report) checkReport(JSON.parse(reportJson(report)));
  const fields = Object.fromEntries<unknown>([
    ...runs.flatMap((run, index) =>
      Object.entries<unknown>({ ...run, ...run.ids }).flatMap(([name, value]) => [
        [`${index + 1}.${name}`, value],
        ...(index === 0 ? [[name, value]] : []),
      ]),
    ),
    ...Object.entries(report ?? {}).map(([name, value]) => [`step.${name}`, value]),
    ["step.runs", runs.length],
    ["exit", exit],
    ["error", host.usages.join("\n")],
    ["log", host.lines.join("\n")],
  ] as [string, unknown][]);
  const unmet = exchange.expectations.flatMap(({ line, name, contains, value }): Problem[] => {
    const actual =
      fields[name] === null || fields[name] === undefined ? "" : `${fields[name] as string | number | boolean}`;
    if (contains ? actual.includes(value) : actual === value) return [];
    return [{ line, text: `expected ${name} ${contains ? "to contain" : "to be"} "${value}", it is "${actual}"` }];
  });
  const problems = [...transport.problems, ...unmet];
  if (problems.length > 0) {
    // Why it went that way is in what the step said.
    const said = [...host.usages, ...host.lines, ...runs.map(({ outcome, detail }) => `${outcome}: ${detail}`)];
    throw new ExchangeError(
      file,
      problems,
      [...new Set(said)].map((line) => `the step said: ${line}`),
    );
  }
  const told = exchange.turns.length === 0 ? /^error$/ : /(?:^|\.)outcome$/;
  expect(exchange.expectations.filter(({ name }) => told.test(name))).not.toEqual([]);
  for (const { outcome } of runs) expect(Object.keys(outcomes)).toContain(outcome);
  expect(JSON.stringify([host.usages, host.lines, host.reports])).not.toContain(secret);
}
