import type { Environment } from "../../src/environment.ts";
import { locate } from "../../src/engine/locate.ts";
import type { Run } from "../../src/engine/run.ts";
import { readSettings } from "../../src/engine/settings.ts";
import type { Platform } from "../../src/platform.ts";
import { providers } from "../../src/providers/all.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { secret } from "./exchange.ts";
import { MemoryHost } from "./host.ts";

/** The runs that the inputs name. */
export function runs(inputs: Record<string, string>, env: Environment = {}, platform?: Platform): Run[] {
  const host = new MemoryHost(inputs, env, platform);
  return [...locate(readSettings(host, manifest), { providers, env, platform, spell: (name) => name }).runs];
}

/** What a run is, in one line: provider, target, API, ids. */
export function names(inputs: Record<string, string>, env?: Environment, platform?: Platform): string[] {
  return runs(inputs, env, platform).map(
    ({ key, targetName, place, ids }) => `${key} ${targetName} ${place.api} ${JSON.stringify(ids).replaceAll('"', "")}`,
  );
}

export const onGitLab: Platform = {
  provider: "gitlab",
  server: "https://gitlab.example.com",
  api: "https://gitlab.example.com/api/v4",
  ids: { project: "own/project" },
  self: [],
};
export const onGitHub: Platform = {
  provider: "github",
  server: "https://ghes.example.com",
  api: "https://ghes.example.com/api/v3",
  ids: { repository: "own/repo" },
  self: [],
};
export const hex = (digit: string): string => digit.repeat(32);
export const job = { provider: "gitlab", project: "a/b", "job-id": "1", token: secret };
