import { readFileSync } from "node:fs";
import { SourceTextModule, SyntheticModule } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { transformSync } from "@swc/core";
import * as story from "../../src/engine/story.ts";
import { mutants } from "../stories/mutants.ts";
import { type Engine, newWalk, promiseCount, walk } from "../stories/walk.ts";
import { worlds } from "../stories/worlds.ts";

const depth = 7;
const file = "src/engine/story.ts";
const source = readFileSync(file, "utf8");

/** The engine out of a text of story.ts; what it imports is the real thing. */
async function engineOf(text: string): Promise<Engine> {
  const { code } = transformSync(text, {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "es6" },
  });
  const module = new SourceTextModule(code);
  await module.link(async (specifier) => {
    const real = (await import(`../../src/engine/${specifier}`)) as Record<string, unknown>;
    const names = Object.keys(real);
    return new SyntheticModule(names, function () {
      for (const name of names) this.setExport(name, real[name]);
    });
  });
  await module.evaluate();
  return module.namespace as Engine;
}

describe(`every story to its event ${depth}`, () => {
  let [stories, steps] = [0, 0];

  test.each(worlds)("of $name keeps every promise", (world) => {
    const result = newWalk();
    walk(story, world, depth, result);
    stories += result.stories;
    steps += result.steps;

    expect(Object.fromEntries(result.broken)).toEqual({});
  });

  test("is walked, and comes to every outcome", () => {
    const result = newWalk();
    for (const world of worlds) walk(story, world, 5, result);
    process.stdout.write(
      `${stories} stories, ${steps} steps, ${promiseCount} promises, ${mutants.length} mutants of ${file}\n`,
    );

    expect([...result.outcomes.keys()].sort()).toEqual(
      [
        "already-finished",
        "cancelled",
        "cancelling",
        "failed",
        "finished-anyway",
        "not-found",
        "refused",
        "restarted",
        "spared",
        "still-running",
        "would-cancel",
      ].sort(),
    );
    expect(stories).toBeGreaterThan(50_000);
  });
});

describe("the promises find it if", () => {
  test.each(mutants)("$fault", async ({ piece, by }) => {
    expect(source.split(piece).length - 1).toBe(1);
    const mutant = await engineOf(source.replace(piece, () => by));
    let broken: readonly string[] = [];
    for (let at = 1; at <= depth && broken.length === 0; at++)
      for (const world of worlds) {
        if (broken.length > 0) break;
        // A walk of its own: which of the stories that are cut are told to their end goes by their number.
        const result = newWalk();
        walk(mutant, world, at, result, true);
        broken = [...result.broken.keys()];
      }

    expect(broken).not.toEqual([]);
  });
});
