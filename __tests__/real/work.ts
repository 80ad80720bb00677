/** What the servers are given to run: it says that it lives, five times a second, and at last that it has come to its end. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, until } from "./processes.ts";

export const ticksPerSecond = 5;

/** In sh: `work.sh KEY TICKS [deaf]`. */
const script = (folder: string): string => `#!/bin/sh
log='${folder}'/$1
[ "$3" = deaf ] && trap '' TERM INT HUP
echo "pid $$" >> "$log"
left=$2
while [ "$left" -gt 0 ]; do
  sleep 0.2
  echo tick >> "$log"
  left=$((left - 1))
done
echo done >> "$log"
`;

/** In Python: `work(key, seconds)`. */
const python = (folder: string): string => `import os, time

def work(key, seconds):
    with open(os.path.join(${JSON.stringify(folder)}, key), "a", buffering=1) as log:
        log.write(f"pid {os.getpid()}\\n")
        for _ in range(int(seconds * 5)):
            time.sleep(0.2)
            log.write("tick\\n")
        log.write("done\\n")
`;

export class Work {
  readonly script: string;
  readonly python: string;
  readonly #folder: string;
  readonly #ended = new Map<string, number>();

  constructor(scratch: string) {
    this.#folder = join(scratch, "work");
    this.script = join(scratch, "work.sh");
    this.python = python(this.#folder);
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(this.script, script(this.#folder), { mode: 0o755 });
  }

  /** Waits until it lives. */
  async started(key: string, seconds = 60): Promise<void> {
    await until(`the work ${key} has begun`, seconds, () => this.#text(key).includes("tick"));
  }

  hasBegun(key: string): boolean {
    return existsSync(join(this.#folder, key));
  }

  hasFinished(key: string): boolean {
    return this.#text(key).includes("done");
  }

  isAlive(key: string): boolean {
    return this.#processes(key).length > 0;
  }

  /** Ends what nobody else ends. */
  end(key: string): void {
    for (const pid of this.#processes(key)) process.kill(pid, "SIGKILL");
  }

  #processes(key: string): number[] {
    const pids = [...this.#text(key).matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
    return pids.filter((pid) => identityOf(pid) !== undefined);
  }

  /** Waits until its process has ended, says how many seconds after `since` it was seen so, and fails if it had come to its own end. */
  async killed(key: string, since: number, seconds = 30): Promise<string> {
    await until(`the process of ${key} is gone`, seconds, () => !this.isAlive(key));
    const late = (performance.now() - since) / 1000;
    assert.ok(!this.hasFinished(key), `${key} came to its own end`);
    this.#ended.set(key, this.#size(key));
    return late < 0.2
      ? "its process was gone when the step ended"
      : `its process was gone ${late.toFixed(1)} s after the step`;
  }

  /** Of what was gone nothing was ever heard again. */
  silent(): string {
    for (const [key, size] of this.#ended) assert.equal(this.#size(key), size, `${key} has written again`);
    return `${this.#ended.size} logs`;
  }

  #text(key: string): string {
    const file = join(this.#folder, key);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  #size(key: string): number {
    return statSync(join(this.#folder, key)).size;
  }
}
