/** The port between the engine and the system this step runs in. */
import type { Report } from "./engine/record.ts";
import type { Environment } from "./environment.ts";
import type { Platform } from "./platform.ts";

/** The job that this step belongs to. */
export interface Job {
  /** `after`: the job's own work is over, and `status` says how it ended. */
  readonly phase: "before" | "after";
  readonly status: "success" | "failed" | "cancelled" | "unknown";
  /** `after` comes only where the job was not successful, whatever `status` says. */
  readonly onlyUnsuccessful?: true;
  /** Something else that is known of the job's end says otherwise than `status`: what it is, and what a guard is to be given then. */
  readonly contradiction?: { readonly why: string; readonly give: string };
  /** The step has run before, and a cancel that was due then has been sent. */
  readonly again?: boolean;
}

/** A variable that is named like an input, and is none of ours. */
export interface Stranger {
  /** As an input: `dry-rnu`. */
  readonly name: string;
  /** As it is written on this host. */
  readonly spelled: string;
  readonly value: string;
}

export interface Host {
  /** The value of an input as the user gave it, or "". */
  input(name: string): string;
  /** How a user of this host writes the input's name, or that of an id. */
  spell(name: string): string;
  readonly strangers: readonly Stranger[];
  /** The text of a file that the job has written; undefined where there is none. Throws `UsageError` where it cannot be read. */
  read(path: string): string | undefined;
  readonly env: Environment;
  readonly platform: Platform | undefined;
  /** Made from the CI context; never empty. */
  readonly defaultReason: string;
  /** Undefined where the end of a job cannot be seen. */
  readonly job: Job | undefined;
  /** Keeps the inputs for the end of the job, where they are read again. */
  arm(): void;
  /** Hides a secret in everything that is written from now on. */
  mask(secret: string): void;
  /** Something happened that is worth a line in a log. */
  log(line: string): void;
  /** Where things stand; a terminal shows it in place. */
  progress(line: string): void;
  warn(line: string): void;
  /** For those who ask what is sent and listed: shown only if `isDebug`, or if the input `debug` is true. */
  debug(line: string): void;
  /** The host itself has been told to log more. */
  readonly isDebug: boolean;
  /** Bad input: one line. */
  usage(line: string): void;
  /**
   * Writes the outputs: early, whenever more is known, and at the end (`final`), then with everything for people.
   * Resolves with false when they could not be written; the final result is then in the log. What nobody has read after `patience`
   * ms counts as not written.
   */
  report(report: Report, final: boolean, patience?: number): Promise<boolean>;
}
