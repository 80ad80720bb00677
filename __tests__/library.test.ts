/** The library, against servers on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import ts from "typescript";
import { libraryTypes } from "../scripts/generated/library.ts";
import { cancel, type CancelOptions, UsageError } from "../src/library.ts";
import { type GitLab, jobs, project, startGitLab, token } from "./e2e/servers.ts";

const open: GitLab[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function gitlab(): Promise<GitLab> {
  const server = await startGitLab(jobs);
  open.push(server);
  return server;
}

const on = (server: GitLab, ...ids: string[]): CancelOptions => ({
  provider: "gitlab",
  "server-url": server.url,
  ids: { project, "job-id": ids },
  token,
});

describe("cancel", () => {
  test("stops a run, and says how", async () => {
    const server = await gitlab();
    const lines: string[] = [];

    const result = await cancel({ ...on(server, "4711"), log: (text, level) => lines.push(`${level}: ${text}`) });

    expect(result).toMatchObject({ outcome: "cancelled", cancelled: 1, state: "cancelled", message: "", exitCode: 0 });
    expect(result.url).toBe(`${server.url}/${project}/-/jobs/4711`);
    expect(result.runs).toMatchObject([{ provider: "gitlab", reason: "Cancelled by cancel-run", confirmed: "look" }]);
    expect(lines.filter((line) => line.startsWith("info: ")).length).toBeGreaterThan(0);
  });

  test("takes addresses, and resolves where a run could not be stopped", async () => {
    const server = await gitlab();
    const page = (id: string): string => `${server.url}/${project}/-/jobs/${id}`;

    const result = await cancel({
      url: ["4711", "4713", "4714"].map(page),
      "server-url": server.url,
      provider: "gitlab",
      token,
    });

    expect(result.runs.map(({ outcome }) => outcome)).toEqual(["cancelled", "refused", "already-finished"]);
    expect([result.outcome, result.exitCode]).toEqual(["mixed", 4]);
  });

  test("sends nothing once its signal is aborted, and says so", async () => {
    const server = await gitlab();

    const result = await cancel({ ...on(server, "4711"), signal: AbortSignal.abort() });

    expect(result.exitCode).toBe(130);
    expect(result.cancelled).toBe(0);
    expect(server.requests.filter((request) => request.startsWith("POST "))).toEqual([]);
  });

  test("ends its wait when the signal is aborted, and says that the cancel was accepted", async () => {
    const server = await gitlab();
    const stop = new AbortController();
    // This job never stops.
    const result = await cancel({
      ...on(server, "4712"),
      log: (text) => {
        if (text.endsWith("cancellation requested")) stop.abort();
      },
      signal: stop.signal,
    });

    expect(result).toMatchObject({ outcome: "cancelling", exitCode: 130 });
  });

  test("reads no variable that it was not handed", async () => {
    const server = await gitlab();
    const { token: _, ...options } = on(server, "4711");
    process.env["GITLAB_TOKEN"] = token;

    try {
      await expect(cancel(options)).rejects.toThrow(/token/);
    } finally {
      delete process.env["GITLAB_TOKEN"];
    }
    expect(server.requests).toEqual([]);
    expect(await cancel({ ...options, env: { GITLAB_TOKEN: token } })).toMatchObject({ outcome: "cancelled" });
  });

  test("shows the secret nowhere", async () => {
    const server = await gitlab();
    const lines: string[] = [];

    const result = await cancel({
      ...on(server, "4711"),
      reason: `because ${token}`,
      debug: true,
      log: (line) => lines.push(line),
    });

    expect(JSON.stringify([result, lines])).not.toContain(token);
    expect(result.runs[0]?.reason).toBe("because ***");
  });
});

describe("wrong options", () => {
  const wrong = (options: object): Promise<unknown> => cancel(options);

  test.each([
    [{ provider: "gitlab", "job-id": 4711 }, /^job-id is not an option; ids by name go into ids$/],
    [{ urls: "https://gitlab.com/a/b/-/jobs/1" }, /^urls is not an option; did you mean url\?$/],
    [{ when: "failed" }, /^when is not an option/],
    [
      { provider: "gitlab", ids: { project: "a/b", "job-id": 2 ** 60 } },
      /^ids\["job-id"\] is a number that is not exact; give a string$/,
    ],
    [{ provider: "gitlab", ids: { project: null } }, /^ids\["project"\] is null; give a string$/],
    [{ url: 4.5 }, /^url is a number that is not exact/],
    [{ provider: ["gitlab"] }, /^provider is a list, which it does not take$/],
    [{ provider: "gitlap" }, /did you mean gitlab\?/],
    [{ provider: "gitlab", ids: { project: "a/b", "job-id": "" } }, /job-id/],
    [{}, /url/],
  ])("%j", async (options, message) => {
    await expect(wrong(options)).rejects.toThrow(message);
    await expect(wrong(options)).rejects.toBeInstanceOf(UsageError);
  });

  test("an id is one value, whatever is in it", async () => {
    await expect(
      cancel({ provider: "gitlab", ids: { project: 'a"; job-id: 1\nb', "job-id": "2" }, token: "glpat-x" }),
    ).rejects.toThrow(/project/);
  });
});

test("the types that are published are those of the source", () => {
  const folder = mkdtempSync(join(tmpdir(), "cancel-run-types-"));
  try {
    writeFileSync(join(folder, "library.d.ts"), libraryTypes());
    const source = JSON.stringify(join(import.meta.dirname, "../src/library.ts"));
    const file = join(folder, "compare.ts");
    writeFileSync(
      file,
      `import * as published from "./library.js";
import * as source from ${source};
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Named<T> = { [Name in keyof T as string extends Name ? never : Name]: T[Name] };
export const options: Same<published.CancelOptions, source.CancelOptions> = true;
export const names: Same<keyof published.CancelOptions, keyof source.CancelOptions> = true;
export const result: Same<Omit<published.CancelResult, "runs">, Omit<source.CancelResult, "runs">> = true;
export const runs: Same<Omit<Named<published.RunRecord>, "forced">, Named<source.CancelResult["runs"][number]>> = true;
export const cancel: typeof published.cancel = source.cancel as never;
// @ts-expect-error An id by name is no option.
export const wrong: published.CancelOptions = { "job-id": "4711" };
`,
    );
    const program = ts.createProgram([file], {
      ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
      ...{
        target: ts.ScriptTarget.ES2022,
        lib: ["lib.es2023.d.ts"],
        types: ["node"],
        typeRoots: [join(import.meta.dirname, "../node_modules/@types")],
      },
      ...{
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        allowImportingTsExtensions: true,
      },
    });
    const complaints = program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));

    expect(complaints).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
