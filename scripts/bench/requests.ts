/** Requests that a cancel takes. */
import { readdirSync, readFileSync } from "node:fs";
import type { Finding } from "./arithmetic.ts";
import { onGitHub, onGitLab, time } from "./program.ts";
import { listen, runs } from "./server.ts";

const exchanges = "__tests__/exchanges";

export interface Requests {
  /** `provider target`, and the methods in the order in which they are sent. */
  readonly perTarget: readonly { readonly name: string; readonly methods: readonly string[] }[];
  readonly findings: readonly Finding[];
}

/** A run that stops within two seconds; and, of each target, the exchange in which it is cancelled, which the tests play. */
export async function countRequests(node: string): Promise<Requests> {
  const findings: Finding[] = [];
  for (const host of [onGitHub, onGitLab]) {
    const server = await listen(runs({ stopsAfter: 1500 }));
    const program = host(node, server.url);
    await time(program);
    findings.push({
      what: `requests for a run that stops within 2 s, ${program.name}`,
      value: server.requests.length,
      unit: "",
      most: 4,
      counted: true,
    });
    await server.close();
  }
  const perTarget = readdirSync(exchanges, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: provider }) =>
      readdirSync(`${exchanges}/${provider}`)
        .filter((file) => file.endsWith("-cancelled.http") && !/already|downstream/.test(file))
        .map((file) => ({
          name: `${provider} ${file.slice(0, -"-cancelled.http".length)}`,
          methods: requestsIn(readFileSync(`${exchanges}/${provider}/${file}`, "utf8")),
        })),
    );
  return { perTarget, findings };
}

/** The methods; the looks that an exchange repeats until its run has stopped count once. */
function requestsIn(exchange: string): string[] {
  const sent = [...exchange.matchAll(/^>>>.*\n(([A-Z]+) [^]*?)^<<</gm)];
  return sent.filter(([, request], at) => request !== sent[at - 1]?.[1]).map(([, , method = ""]) => method);
}
