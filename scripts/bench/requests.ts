/** Requests that a cancel takes. */
import { readFileSync } from "node:fs";
import { providers } from "../../src/providers/all.ts";
import type { Finding } from "./arithmetic.ts";
import { onGitHub, onGitLab, time } from "./program.ts";
import { listen, runs } from "./server.ts";

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
      most: 7,
      counted: true,
    });
    await server.close();
  }
  const perTarget = [...providers].flatMap(([provider, { targets }]) =>
    Object.keys(targets).map((target) => ({
      name: `${provider} ${target}`,
      methods: requestsIn(readFileSync(`__tests__/exchanges/${provider}/${target}-cancelled.http`, "utf8")),
    })),
  );
  return { perTarget, findings };
}

/** The methods; the looks that an exchange repeats until its run has stopped count once. */
function requestsIn(exchange: string): string[] {
  const sent = [...exchange.matchAll(/^>>>.*\n(([A-Z]+) [^]*?)^<<</gm)];
  return sent.filter(([, request], at) => request !== sent[at - 1]?.[1]).map(([, , method = ""]) => method);
}
