/**
 * Faults planted into copies of the engine and of the bundle: each replaces a piece that stands there once. The fuzzers, at
 * their usual numbers, must find them all.
 */
import type { Kind } from "./figures.ts";

export interface Planted {
  readonly by: Kind;
  readonly fault: string;
  /** Below `src`, as it is compiled; of the bundle where there is none. */
  readonly file?: string;
  readonly piece: string;
  readonly instead: string;
}

const story = "engine/story.js";
const selection = "engine/selection.js";

export const planted: readonly Planted[] = [
  {
    by: "stories",
    fault: "any end after a cancel is called cancelled",
    file: story,
    piece: 'end(state === "cancelled" ? "cancelled" : "finished-anyway", detail)',
    instead: 'end("cancelled", detail)',
  },
  {
    by: "stories",
    fault: "a dry run is ignored",
    file: story,
    piece: "if (first && rules.settings.dryRun)",
    instead: "if (false)",
  },
  {
    by: "stories",
    fault: "another attempt is ignored",
    file: story,
    piece: "const other = otherAttempt(seen, story, rules);",
    instead: "const other = undefined;",
  },
  {
    by: "stories",
    fault: "a cancel that was accepted is sent again",
    file: story,
    piece: "const isUnaccepted = !first && !seen.over && !isAccepted(story);",
    instead: "const isUnaccepted = !first && !seen.over;",
  },
  {
    by: "stories",
    fault: "a job that has started spares nothing",
    file: story,
    piece: "const spared = due ? (mismatch ?? startedJob(story, rules)) : undefined;",
    instead: "const spared = undefined;",
  },
  {
    by: "stories",
    fault: "a forced stop does not wait",
    file: story,
    piece: "return forceCountsFrom + forceAfter * (forces + 1);",
    instead: "return forceCountsFrom;",
  },
  {
    by: "stories",
    fault: "the deadline is not seen",
    file: story,
    piece: "if (deadline - at <= reservedForLastLook)",
    instead: "if (false)",
  },
  {
    by: "stories",
    fault: "secrets are left in what is written",
    file: "http/redact.js",
    piece: "return this.#redact(text, text.length);",
    instead: "return text;",
  },
  {
    by: "stories",
    fault: "a text is cut through a secret",
    file: "http/redact.js",
    piece: "this.#redact(text.slice(0, max + this.#longest), max)",
    instead: "text.slice(0, max)",
  },
  {
    by: "stories",
    fault: "Retry-After is cut short",
    file: "http/retry.js",
    piece: "again: Math.max(asked,",
    instead: "again: Math.max(asked / 2,",
  },
  {
    by: "stories",
    fault: "Retry-After of a last answer is forgotten",
    file: "http/client.js",
    piece: "if (again <= 0)",
    instead: "if (true)",
  },
  {
    by: "stories",
    fault: "a list that takes its time does not make a look old",
    file: story,
    piece: 'return at > retryUntil ? { do: "look" } : { do: "cancel", retryUntil };',
    instead: 'return { do: "cancel", retryUntil: at + 5000 };',
  },
  {
    by: "stories",
    fault: "the report leaves out all runs but five",
    file: "engine/scheduler.js",
    piece: "return [...this.#cancellations.values()];",
    instead: "return [...this.#cancellations.values()].slice(0, 5);",
  },
  {
    by: "selections",
    fault: "a fork's branch is taken for ours",
    file: selection,
    piece: "only.every((place) => id === place)",
    instead: "true",
  },
  {
    by: "selections",
    fault: "the oldest are spared in place of the newest",
    file: selection,
    piece: ".slice(-keepNewest)",
    instead: ".slice(0, keepNewest)",
  },
  {
    by: "selections",
    fault: "our own run is not spared",
    file: selection,
    piece: "if (!self && key === ownKey)",
    instead: "if (false)",
  },
  {
    by: "selections",
    fault: "only the first page is read",
    file: "engine/listing.js",
    piece: 'nextLink(reply.headers["link"])',
    instead: "undefined",
  },
  {
    by: "selections",
    fault: "what is excluded is taken",
    file: "engine/terms.js",
    piece: "!isAmong(excluded) && ",
    instead: "",
  },
  {
    by: "selections",
    fault: "a run of an open pull request is an orphan",
    file: selection,
    piece: 'if (isOpen)\n            return unlike("its pull request is open", "of an open pull request");',
    instead: "",
  },
  {
    by: "selections",
    fault: "another pull request of the same branch is not looked for",
    file: selection,
    piece: "pullRequest === undefined || open === undefined || unsaid.length === 0",
    instead: "true",
  },
  {
    by: "selections",
    fault: "how old a run is does not matter",
    file: selection,
    piece: "started < before ? undefined",
    instead: "true ? undefined",
  },
  {
    by: "sockets",
    fault: "any end after a cancel is called cancelled",
    piece: 'end(state === "cancelled" ? "cancelled" : "finished-anyway", detail)',
    instead: 'end("cancelled", detail)',
  },
  {
    by: "sockets",
    fault: "secrets are left in what is written",
    piece: "return this.#redact(text, text.length);",
    instead: "return text;",
  },
  {
    by: "sockets",
    fault: "JSON that breaks off after the id shows a run that is cancelled",
    piece: "return JSON.parse(quoteLargeIntegers(text));\n    }\n    catch {\n        return undefined;",
    instead:
      'return JSON.parse(quoteLargeIntegers(text));\n    } catch {\n        return { id: /\\d{4}/.exec(text)?.[0], status: "canceled" };',
  },
  {
    by: "signals",
    fault: "who is killed before the first look sends nothing",
    piece: "if (now.interrupted && sure &&",
    instead: "if (false && sure &&",
  },
  {
    by: "signals",
    fault: "a signal ends the step at once",
    piece: "setTimeout(() => process.exit(130), graceAfterSignal).unref();",
    instead: "process.exit(130);",
  },
  {
    by: "signals",
    fault: "a step that was told to stop looks like one that was not",
    piece: "exit: interrupted ? 130 : exitCode(",
    instead: "exit: exitCode(",
  },
];
