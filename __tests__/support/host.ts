import type { Report } from "../../src/engine/record.ts";
import type { Environment } from "../../src/environment.ts";
import type { Host, Job, Stranger } from "../../src/host.ts";
import { Redactor } from "../../src/http/redact.ts";
import type { Platform } from "../../src/platform.ts";

/** A host that remembers. */
export class MemoryHost implements Host {
  readonly lines: string[] = [];
  readonly usages: string[] = [];
  readonly reports: Report[] = [];
  final: Report | undefined;
  readonly env: Environment;
  readonly platform: Platform | undefined;
  readonly defaultReason = "Cancelled by cancel-run";
  readonly #redactor = new Redactor();
  readonly #inputs: ReadonlyMap<string, string>;

  constructor(
    inputs: ReadonlyMap<string, string> | Readonly<Record<string, string>>,
    env: Environment = {},
    platform?: Platform,
  ) {
    this.#inputs = inputs instanceof Map ? inputs : new Map(Object.entries(inputs));
    this.env = env;
    this.platform = platform;
  }

  job: Job | undefined;
  armed = false;
  strangers: readonly Stranger[] = [];
  /** The files of its job, by path. */
  readonly files = new Map<string, string>();
  isDebug = false;
  readonly debugLines: string[] = [];

  arm(): void {
    this.armed = true;
  }
  input(name: string): string {
    return this.#inputs.get(name) ?? "";
  }
  spell(name: string): string {
    return name;
  }
  read(path: string): string | undefined {
    return this.files.get(path);
  }
  debug(line: string): void {
    this.debugLines.push(this.#redactor.redact(line));
  }
  mask(secret: string): void {
    this.#redactor.add(secret);
  }
  log(line: string): void {
    this.lines.push(this.#redactor.redact(line));
  }
  progress(): void {
    // Nobody watches.
  }
  warn(line: string): void {
    this.lines.push(this.#redactor.redact(line));
  }
  usage(line: string): void {
    this.usages.push(line);
  }
  report(report: Report, final: boolean): Promise<boolean> {
    const shown = JSON.parse(this.#redactor.redact(JSON.stringify(report))) as Report;
    this.reports.push(shown);
    if (final) this.final = shown;
    return Promise.resolve(true);
  }
}
