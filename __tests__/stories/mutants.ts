/** Faults planted in src/engine/story.ts: each replaces a piece that stands there once. The promises must find them all. */
export interface Mutant {
  readonly fault: string;
  readonly piece: string;
  readonly by: string;
}

export const mutants: readonly Mutant[] = [
  { fault: "a fourth cancel", piece: "const maxCancels = 3;", by: "const maxCancels = 4;" },
  {
    fault: "the cancel is sent again after one look",
    piece: "story.aliveUnaccepted % 2 === 0",
    by: "story.aliveUnaccepted > 0",
  },
  {
    fault: "the cancel is sent again although it was accepted",
    piece: "const isUnaccepted = !first && !seen.over && !isAccepted(story);",
    by: "const isUnaccepted = !first && !seen.over;",
  },
  {
    fault: "that a cancel was accepted is forgotten",
    piece: "      acceptedAt: story.acceptedAt ?? at,\n      reasonRecorded: answer.withReason,",
    by: "      reasonRecorded: answer.withReason,",
  },
  {
    fault: "what it has become counts as asked to stop",
    piece: "const acceptedAt = isUnasked ? undefined : story.acceptedAt;",
    by: "const acceptedAt = story.acceptedAt;",
  },
  {
    fault: "a dry run is ignored before the cancel",
    piece: "if (first && rules.settings.dryRun) return",
    by: "if (false) return",
  },
  {
    fault: "a dry run is ignored by who is killed",
    piece: "!rules.settings.dryRun && !isGuarded(rules)",
    by: "!isGuarded(rules)",
  },
  {
    fault: "guards are ignored by who is killed",
    piece: "!rules.settings.dryRun && !isGuarded(rules)",
    by: "!rules.settings.dryRun",
  },
  {
    fault: "who is killed sends nothing",
    piece: "if (now.interrupted && sure &&",
    by: "if (false && now.interrupted && sure &&",
  },
  {
    fault: "what a person has stopped goes on",
    piece: "if (!now.stopped ||",
    by: "if (now.at >= 0 ||",
  },
  { fault: "over is ignored", piece: "if (seen.over) return over(seen, story, rules);", by: "" },
  {
    fault: "over is ignored before the first cancel",
    piece: "if (seen.over) return over(seen, story, rules);",
    by: "if (seen.over && !first) return over(seen, story, rules);",
  },
  {
    fault: "a retry is looked for again and again",
    piece: "isOver && story.successor === undefined &&",
    by: "isOver &&",
  },
  {
    fault: "a retry is looked for after a cancel",
    piece: "if (first && mayHaveSuccessor(",
    by: "if (mayHaveSuccessor(",
  },
  { fault: "another attempt is ignored", piece: "if (other) return other;", by: "" },
  {
    fault: "an attempt is forgotten when a look does not say it",
    piece: "(story.attempt ?? look.attempt)",
    by: "look.attempt",
  },
  {
    fault: "the attempt that was asked for is ignored",
    piece: "story.asks === 0 && pinned !== undefined && attempt !== pinned",
    by: "false && pinned !== undefined",
  },
  {
    fault: "a replica that lags is believed",
    piece: "if (Number(look.attempt) < Number(story.attempt)) {",
    by: "if (false) {",
  },
  {
    fault: "any list of jobs will do",
    piece: "jobs === undefined || (at - jobs.at > maxObservationAge && !(jobs.listed instanceof HttpError))",
    by: "jobs === undefined",
  },
  {
    fault: "jobs are not asked about before the cancel is sent again",
    piece: "rules.settings.unlessJob !== undefined && mustListJobs(",
    by: "first && rules.settings.unlessJob !== undefined && mustListJobs(",
  },
  {
    fault: "a started job is overlooked",
    piece: "!notStarted.has(state) && globMatches(unlessJob, name)",
    by: "notStarted.has(state) && globMatches(unlessJob, name)",
  },
  {
    fault: "jobs that cannot be listed have not started",
    piece: "if (listed instanceof HttpError) return `",
    by: "if (listed instanceof HttpError) return undefined && `",
  },
  {
    fault: "a selection is not judged again",
    piece: "due ? mismatchOf(story, rules) : undefined",
    by: "undefined",
  },
  { fault: "a named run is spared", piece: "noLongerMatches !== undefined && asks === 0 &&", by: "asks === 0 &&" },
  {
    fault: "a run that was asked to stop is spared",
    piece: "noLongerMatches !== undefined && asks === 0 &&",
    by: "noLongerMatches !== undefined &&",
  },
  {
    fault: "a run of which nothing can be told is spared",
    piece: "isMismatch ? why !== notInReply : !(jobs?.listed instanceof HttpError)",
    by: "true",
  },
  { fault: "a run that is left alone fails the step", piece: '"spared" : "refused"', by: '"refused" : "refused"' },
  {
    fault: "a selection is judged for the first cancel alone",
    piece: "due ? mismatchOf(story, rules) : undefined",
    by: "first ? mismatchOf(story, rules) : undefined",
  },
  {
    fault: "a list of before a cancel that was refused will do",
    piece: "  turnAt: undefined,\n  jobs: undefined,",
    by: "  turnAt: undefined,",
  },
  {
    fault: "that the jobs are known no more by the time the cancel leaves does not matter",
    piece: "(jobs?.at ?? Infinity) + maxObservationAge",
    by: "Infinity",
  },
  {
    fault: "a list that took too long is believed in the end",
    piece: "slow < maxSlowLists ? listed : tooSlow()",
    by: "listed",
  },
  {
    fault: "that the turn comes late does not matter",
    piece: 'return at > retryUntil ? { do: "look" } : { do: "cancel", retryUntil };',
    by: 'return { do: "cancel", retryUntil };',
  },
  {
    fault: "that a list has taken its time does not matter",
    piece: 'return at > retryUntil ? { do: "look" } : { do: "cancel", retryUntil };',
    by: 'return story.turnAt - story.seenAt > maxObservationAge ? { do: "look" } : { do: "cancel", retryUntil };',
  },
  {
    fault: "what a run has started is listed after each look of before the cancel",
    piece: "(at !== undefined && asks === 0 && !seen.over)",
    by: "false",
  },
  {
    fault: "the client may send a cancel again as long as it likes",
    piece: ': { do: "cancel", retryUntil };',
    by: ': { do: "cancel", retryUntil: Infinity };',
  },
  {
    fault: "a cancel that rewrites a run which is over is sent after an older look",
    piece: "rewrites(rules) ? maxAgeBeforeRewrite : maxObservationAge",
    by: "maxObservationAge",
  },
  {
    fault: "a cancel that rewrites a run which is over is sent without a look by who is killed",
    piece: "  rules.settings.unlessJob !== undefined ||\n  rewrites(rules);",
    by: "  rules.settings.unlessJob !== undefined;",
  },
  {
    fault: "that the turn comes late matters only where something guards the run",
    piece: 'return at > retryUntil ? { do: "look" } : { do: "cancel", retryUntil };',
    by: 'return isGuarded(rules) && at > retryUntil ? { do: "look" } : { do: "cancel", retryUntil };',
  },
  {
    fault: "guards are asked no more once we are killed",
    piece: "if (isKilled && !isGuarded(rules)) return",
    by: "if (isKilled) return",
  },
  {
    fault: "a cancel that did not leave counts as sent",
    piece: "asks: story.asks - 1,",
    by: "asks: story.asks,",
  },
  {
    fault: "a cancel that did not leave is sent without another look",
    piece: "  return lookAgain(story, rules, now);\n}\n\n/** What is not known",
    by: '  return { do: "turn" };\n}\n\n/** What is not known',
  },
  {
    fault: "a cancel that has no way to the server is sent for ever",
    piece: "if (story.unreachable >= maxUnsent)",
    by: "if (false)",
  },
  {
    fault: "a look after a cancel that did not leave counts for the next one",
    piece: "const isDue = story.turnAt !== undefined || story.unsent !== undefined;",
    by: "const isDue = story.turnAt !== undefined;",
  },
  {
    fault: "a refusal counts although an earlier try may have arrived",
    piece: 'story.answer?.is === "refused" && !story.answer.resent;',
    by: 'story.answer?.is === "refused";',
  },
  {
    fault: "killed before an answer came, and it says that nothing was asked",
    piece: 'if (answer?.is === "unknown" && !answer.answered && seenSinceAsked === 0)',
    by: "if (false)",
  },
  {
    fault: "killed long after a cancel was lost, and it says that it has just asked",
    piece: 'if (answer?.is === "unknown" && !answer.answered && seenSinceAsked === 0)',
    by: 'if (answer?.is === "unknown" && !answer.answered)',
  },
  {
    fault: "it is not said that another attempt was stopped",
    piece: 'if (state === "cancelled" || state === "cancelling") return `',
    by: "if (false) return `",
  },
  {
    fault: "it is not said that the cancel may have reached another attempt",
    piece: "return seenSinceAsked > 1 ? cancel :",
    by: "return true ? cancel :",
  },
  {
    fault: "it is not said that nothing was sent to another attempt",
    piece: "if (asks === 0) return `the cancel was meant",
    by: "if (false) return `the cancel was meant",
  },
  {
    fault: "a turn is kept after a look that failed",
    piece: "failedLooks: story.failedLooks + 1,\n      turnAt: undefined,",
    by: "failedLooks: story.failedLooks + 1,",
  },
  {
    fault: "a look that failed is taken for the one before",
    piece: "if (story.look.ok) return afterObservation(story.look, story, rules, now);",
    by: "if (story.observation) return afterObservation(story.observation, story, rules, now);\n  if (story.look.ok) return afterObservation(story.look, story, rules, now);",
  },
  {
    fault: "what is started is followed before the attempt is known",
    piece: "const other = otherAttempt(seen, story, rules);",
    by: 'if (rules.follows && story.followed !== seen) return { do: "follow", observation: seen };\n  const other = otherAttempt(seen, story, rules);',
  },
  {
    fault: "what a spared run has started is followed",
    piece: "if (spared === undefined && rules.follows",
    by: "if (rules.follows",
  },
  {
    fault: "what it started is not known, and that is fine",
    piece: 'story.unfollowed !== undefined && !["refused"',
    by: 'false && !["refused"',
  },
  {
    fault: "force counts from the look",
    piece: "return forceCountsFrom + forceAfter * (forces + 1);",
    by: "return story.seenAt + forceAfter * (forces + 1);",
  },
  {
    fault: "force after a cancel that may not have arrived",
    piece: 'const isReply = accepted || answer.is === "refused" || (answer.is === "unknown" && answer.answered);',
    by: "const isReply = true;",
  },
  {
    fault: "force after a refused cancel and one look",
    piece: "const minAliveBeforeForce = 2;",
    by: "const minAliveBeforeForce = 1;",
  },
  {
    fault: "looks before the cancel was answered count for a forced stop",
    piece: "...(isReply && counts && { forceCountsFrom: at, aliveSinceCounting: 0 }),",
    by: "...(isReply && counts && { forceCountsFrom: at, aliveSinceCounting: story.aliveUnaccepted }),",
  },
  {
    fault: "force counts from the latest refusal",
    piece: "isFirstYes || story.forceCountsFrom === undefined;",
    by: "true;",
  },
  {
    fault: "force counts from a refusal although the cancel was accepted later",
    piece: "accepted && story.acceptedAt === undefined && story.forces === 0;",
    by: "false;",
  },
  {
    fault: "force of a run counts from the cancel of what it was before",
    piece: "const forceCountsFrom = isUnasked ? undefined : story.forceCountsFrom;",
    by: "const forceCountsFrom = story.forceCountsFrom;",
  },
  {
    fault: "force goes past the guards",
    piece: "const due = first || again || (isUnaccepted && force !== undefined);",
    by: "const due = first || again;",
  },
  {
    fault: "force is sent long after its look",
    piece: 'return at > retryUntil ? { do: "look" } : { do: "force"',
    by: 'return { do: "force"',
  },
  {
    fault: "the client may send a forced stop as long as it likes",
    piece: ': { do: "force", force, retryUntil };',
    by: ': { do: "force", force, retryUntil: Infinity };',
  },
  {
    fault: "force does not wait for its turn",
    piece:
      '  if (story.turnAt === undefined) return { do: "turn" };\n  const retryUntil = goodUntil(story, rules);\n  return at > retryUntil ? { do: "look" } : { do: "force"',
    by: '  const retryUntil = goodUntil(story, rules);\n  return at > retryUntil ? { do: "look" } : { do: "force"',
  },
  {
    fault: "an unclear answer to a force is waited for",
    piece: 'story.forceAnswer?.is === "unknown" ? lookAgain(story, rules, now) : rest(story, rules, now);',
    by: "rest(story, rules, now);",
  },
  {
    fault: "a forced stop that was accepted is forgotten",
    piece: "      acceptedAt: story.acceptedAt ?? at,\n      reasonRecorded: story.reasonRecorded",
    by: "      reasonRecorded: story.reasonRecorded",
  },
  {
    fault: "it is given up on although a forced stop is to come",
    piece: "(wait && isForceOpen)",
    by: "false",
  },
  {
    fault: "a refusal is conclusive although the run works",
    piece: 'seen.state === "queued" && sameRefusals >= maxCancels',
    by: "sameRefusals >= maxCancels",
  },
  {
    fault: "three refusals are conclusive whatever they say",
    piece: 'seen.state === "queued" && sameRefusals >= maxCancels',
    by: 'seen.state === "queued"',
  },
  {
    fault: "it is not said that the vendor's cancel has no effect",
    piece: "if (inVain !== undefined) return",
    by: "if (false) return",
  },
  {
    fault: "a run whose server has no cancel is waited for",
    piece: "if (isFinal(story)) return end(",
    by: "if (false) return end(",
  },
  {
    fault: "what the reply to the cancel has shown is believed although a look says otherwise",
    piece: "shown?.over && !story.aliveSinceAsked ?",
    by: "shown?.over ?",
  },
  {
    fault: "a failed look undoes what the reply to the cancel has shown, for our own run",
    piece: "const byReply = rules.isSelf ? overByReply(story, rules) : undefined;",
    by: "const byReply = undefined as End | undefined;",
  },
  {
    fault: "why no forced stop was sent is not said",
    piece: "const force = unforced(story, rules, now) || noStrongerStop(story, rules);",
    by: 'const force = "";',
  },
  {
    fault: "a rung of force too early",
    piece: "forceAfter * (forces + 1)",
    by: "forceAfter * forces",
  },
  { fault: "force is sent twice", piece: "forces: story.forces + (sent ? 1 : 0),", by: "forces: story.forces," },
  {
    fault: "force is sent in any state",
    piece: "if (force.from?.includes(state) === false)",
    by: "if (false)",
  },
  {
    fault: "the deadline is ignored",
    piece: "if (deadline - at <= reservedForLastLook)",
    by: "if (false)",
  },
  {
    fault: "an old failure to list what it started is kept",
    piece: ".message}` : undefined,\n    allStarted",
    by: ".message}` : story.unfollowed,\n    allStarted",
  },
  {
    fault: "the words of the first answer are kept",
    piece: "    answer,\n    unsent: undefined",
    by: '    answer: "said" in answer && story.asks > 1 ? { ...answer, said: "[cancel 1]" } : answer,\n    unsent: undefined',
  },
  {
    fault: "a cancel that was plainly refused counts",
    piece: "if (story.asks === 0 || refused)",
    by: "if (story.asks === 0)",
  },
  {
    fault: "any end after a cancel is called cancelled",
    piece: 'end(state === "cancelled" ? "cancelled" : "finished-anyway", detail)',
    by: 'end("cancelled", detail)',
  },
  {
    fault: "an end is called cancelled that nobody asked for",
    piece: "if (story.asks === 0 || refused)",
    by: "if (refused)",
  },
  {
    fault: "that nobody waits is forgotten",
    piece: "if (!rules.settings.wait && !rules.isSelf)",
    by: "if (false)",
  },
  {
    fault: "nobody waits for what was refused either",
    piece: "return isAccepted(story) ? whileStopping(seen, story, rules, now) : whileRefused(seen, story, rules, now);",
    by: "return whileStopping(seen, story, rules, now);",
  },
  {
    fault: "our own run is cancelled unasked",
    piece: "if (isSelf && !settings.self)",
    by: "if (false)",
  },
  {
    fault: "a run is gone at the first miss",
    piece: "story.misses > maxMisses || !isAccepted(story)",
    by: "true",
  },
  {
    fault: "a run is gone at the third miss",
    piece: "story.misses > maxMisses",
    by: "story.misses >= maxMisses",
  },
  {
    fault: "misses are counted although it was seen in between",
    piece: "    misses: 0,\n    failedLooks: 0,\n    acceptedAt,",
    by: "    failedLooks: 0,\n    acceptedAt,",
  },
  {
    fault: "an unreadable first look is the last",
    piece: "const maxShapeless = 3;",
    by: "const maxShapeless = 1;",
  },
  {
    fault: "killed after a cancel that was not accepted, and it says cancelling",
    piece: 'if (isAccepted(story)) return end("cancelling",',
    by: 'if (story.asks > 0) return end("cancelling",',
  },
  {
    fault: "a credential is refused although the cancel was accepted",
    piece: "if (isAccepted(story)) {\n    const lost",
    by: "if (false) {\n    const lost",
  },
  {
    fault: "what is wrong with the credential is asked for ever",
    piece: 'explanation: why ?? "" });',
    by: "explanation: why });",
  },
];
