/** Every word that a vendor's own list has for the state of a run means something to us. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { clientsOf } from "../../scripts/generated/clients.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import type { State } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** Lists whose words are no states, by how their names begin. */
const otherLists: Readonly<Record<string, readonly string[]>> = {
  bitbucket: ["filter trigger_type", "filter target.ref_type", "state.name, and state.result.name, of a step"],
  gitlab: ["source (event)"],
};

/** Words that mean nothing by themselves, and why. */
const unmapped: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "azure-pipelines": {
    none: "It says that there is none.",
    undefined: "It says that there is none.",
    all: "For searches alone.",
    completed: "The result says how it ended.",
    manuallyQueued: "A client of a preview has it, and no document says what it means.",
    dependentOnManualQueue: "The same.",
  },
  bitbucket: {
    COMPLETED: "The result says how it ended; without one nobody does.",
    UNKNOWN: "Bitbucket does not know either.",
  },
  buildkite: {
    finished: "Passed or failed; the REST API says which.",
    waiting_failed: "One of the documents has it for builds, too, and none says that such a build is over.",
  },
  databricks: { TERMINATED: "The code, or the older result, says how it ended." },
  github: { completed: "The conclusion says how it ended; while it is null GitHub has not decided." },
  gitea: { completed: "The conclusion says how it ended." },
  "google-cloud-build": {
    STATUS_UNKNOWN: "Google does not know either.",
    STATE_UNSPECIFIED: "Means nothing.",
    APPROVED: "The status says how such a build goes on.",
  },
  teamcity: {
    finished: "The status says how it ended.",
    unknown: "TeamCity does not know either.",
    UNKNOWN: "Of a build that was cancelled, which `canceledInfo` says, and of any other one before it has its status.",
  },
  vercel: {
    DELETED: "Whether the build of a deployment that was deleted goes on no document says; no look has the word.",
  },
  "google-cloud-deploy": {
    STATE_UNSPECIFIED: "Means nothing.",
    RENDER_STATE_UNSPECIFIED: "The same.",
  },
  terraform: { assessed: "It stands in a list without a word of explanation: it may be no end." },
};

/** Words that a list takes for another one that is searched for. */
const searchedFor: Readonly<Record<string, readonly string[]>> = {
  // https://github.com/go-gitea/gitea/blob/v1.27.3/routers/api/v1/shared/action.go#L120
  gitea: ["pending", "requested", "action_required"],
};

/** States in which no run is chosen. */
const ended: ReadonlySet<State> = new Set(["cancelled", "succeeded", "failed", "skipped", "unknown"]);

const lists = [...providers].flatMap(([key, provider]) =>
  (clientsOf(key, read)?.enums ?? [])
    .filter(({ of }) => !(otherLists[key] ?? []).some((start) => of.startsWith(start)))
    .map((list) => {
      const entry = entriesOf(key, provider).get(list.target)!;
      return { key, entry, name: `${key} ${list.target}: ${list.of}, by ${list.source}`, ...list };
    }),
);

test.each(lists)("$name: every word is mapped", ({ key, entry, words }) => {
  const missing = words.filter((word) => !Object.hasOwn(entry.states, word));

  expect(missing.filter((word) => unmapped[key]?.[word] === undefined)).toEqual([]);
});

// A state for which a run is listed is searched for, unless it is an end: else a selection does not see it.
test.each(lists.filter(({ entry, of }) => entry.target.list && /status.* of the list/.test(of)))(
  "$name: every word of a run that is not over is searched for",
  ({ key, entry, words }) => {
    const live = words.filter((word) => Object.hasOwn(entry.states, word) && !ended.has(entry.states[word]!));

    const searched = [...entry.liveWords, ...(searchedFor[key] ?? [])];

    expect(live.filter((word) => !searched.includes(word))).toEqual([]);
  },
);

describe("the exceptions are exceptions", () => {
  const known = [...providers.keys()];

  test.each(Object.entries(unmapped).filter(([key]) => known.includes(key)))("%s: words", (key, words) => {
    const listed = lists.filter((list) => list.key === key).flatMap((list) => list.words);

    expect(Object.keys(words).filter((word) => !listed.includes(word))).toEqual([]);
    expect(Object.keys(words).filter((word) => Object.hasOwn(providers.get(key)!.states, word))).toEqual([]);
  });

  test.each(Object.entries(otherLists))("%s: lists", (key, starts) => {
    const names = clientsOf(key, read)!.enums.map(({ of }) => of);

    expect(starts.filter((start) => !names.some((name) => name.startsWith(start)))).toEqual([]);
  });
});
