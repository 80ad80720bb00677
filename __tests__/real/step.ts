/** The bundle, as somebody in a terminal starts it, and what it reports. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { searchPath } from "../e2e/shell.ts";

export interface Reported {
  readonly outcome: string;
  readonly runs: readonly {
    readonly outcome: string;
    readonly detail: string;
    readonly after: string | null;
    readonly confirmed: string;
    readonly "reason-recorded": boolean;
  }[];
}

export interface Ended {
  readonly code: number | null;
  readonly report: Reported | undefined;
  /** Of the report; of more than one run its own word. */
  readonly outcome: string | undefined;
  /** All that it has written. */
  readonly output: string;
  /** When it was over, by `performance.now()`. */
  readonly at: number;
}

export interface Step {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

type Words = Readonly<Record<string, string>>;

export class Bundle {
  readonly #program: string;
  readonly #scratch: string;

  constructor(checkout: string, scratch: string) {
    this.#program = join(checkout, "dist/index.js");
    this.#scratch = scratch;
  }

  /** Inputs are flags; `ids` are written as such; secrets are variables, as they must be, and must show up nowhere. */
  start(inputs: Words, ids: Words, secrets: Words = {}): Step {
    const given = {
      ...inputs,
      ids: Object.entries(ids)
        .map(([name, value]) => `${name}: ${value}`)
        .join("; "),
    };
    const flags = Object.entries(given).filter(([, value]) => value !== "");
    const child = spawn(
      process.execPath,
      [this.#program, "--json", ...flags.map(([name, value]) => `--${name}=${value}`)],
      {
        cwd: mkdtempSync(join(this.#scratch, "step-")),
        env: { PATH: searchPath, HOME: this.#scratch, NO_COLOR: "1", ...secrets },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const texts = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (chunk: string) => (texts[stream] += chunk));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        const { stdout, stderr } = texts;
        const output = `${stdout}\n${stderr}`;
        const shown = Object.entries(secrets).find(([, value]) => value.length > 7 && output.includes(value));
        if (shown) {
          reject(new Error(`the value of ${shown[0]} is in what the step wrote`));
          return;
        }
        const report = stdout.startsWith("{") ? (JSON.parse(stdout) as Reported) : undefined;
        resolve({ code, report, outcome: report?.outcome, output, at: performance.now() });
      });
    });
    return { kill: (signal) => child.kill(signal), ended };
  }

  run(inputs: Words, ids: Words, secrets: Words = {}): Promise<Ended> {
    return this.start(inputs, ids, secrets).ended;
  }
}
