/** A made-up vendor: the engine is tested without anybody's facts. */
import type { Call, Provider, Target } from "../../src/provider.ts";
import { secret } from "./exchange.ts";

const digits = { pattern: /[1-9]\d{0,19}/, help: "number of the run", example: "7" };

/** The forced stop, for tests that want one of their own. */
export const kill: Call = { route: "POST /runs/{run-id}/kill" };

const run = {
  ids: { "run-id": digits },
  pages: ["/runs/{run-id}"],
  look: { route: "GET /runs/{run-id}", state: "state", name: "name", ref: "ref", attempt: "attempt" },
  cancel: { route: "POST /runs/{run-id}/cancel", body: { why: "{reason}" } },
  force: [kill],
} satisfies Target;

export const acme = {
  name: "Acme CI",
  docs: "https://docs.acme.example/cancel",
  rights: "A token that may cancel.",
  server: { url: "https://acme.example", env: ["ACME_HOST"], api: "/api", selfHosted: true },
  auth: [{ scheme: "bearer", env: { token: ["ACME_TOKEN"] } }],
  states: {
    queued: "queued",
    running: "running",
    stopping: "cancelling",
    held: "blocked",
    stopped: "cancelled",
    done: "succeeded",
    broken: "failed",
    left: "skipped",
  },
  targets: { run },
} satisfies Provider;

/** The registry of a world in which there is only Acme, with what a test wants different about its runs. */
export function acmeWith(
  target: Partial<Target> = {},
  provider: Partial<Provider> = {},
): ReadonlyMap<string, Provider> {
  return new Map([["acme", { ...acme, ...provider, targets: { ...provider.targets, run: { ...run, ...target } } }]]);
}

/** Inputs that name run 7, and the secret. */
export const seven = { provider: "acme", "run-id": "7", token: secret };
