/** GitLab pipelines on this machine itself: https://github.com/firecow/gitlab-ci-local */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Internet } from "./internet.ts";
import { folderOf, type Node, runtime } from "./nodes.ts";
import { makeRepository } from "./repository.ts";
import { type Finished, has, run, searchPath } from "./shell.ts";

export interface Pipeline {
  readonly origin: string;
  /** `.gitlab-ci.yml`, as an object or, for what JSON cannot say, as text. */
  readonly config: object | string;
  /** Of the repository, beside our templates. */
  readonly files?: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** In the repository itself: in a folder of the job's own it takes away what `script` has left, before `after_script`, unlike GitLab. */
  readonly inPlace?: boolean;
  /** It is read, and its jobs are listed; none runs. */
  readonly list?: boolean;
  /** Where the components are fetched from, and whatever else the jobs reach. Not given: the templates are files of the repository. */
  readonly internet?: Internet;
  /** Then the runner and its jobs are told to end. `folder` is where they work. */
  readonly terminated?: (folder: string) => Promise<unknown>;
}

export interface Ran extends Finished {
  readonly commit: string;
  readonly folder: string;
  /** A file of `builds/JOB`, where a job works, or of `artifacts/JOB`, where its artifacts are kept, or, in place, of the repository. */
  file(path: string): string | undefined;
}

export type GitlabCiLocal = (pipeline: Pipeline, node?: Node) => Promise<Ran>;

/** As it is in this checkout, or why it cannot be had. */
export function provideGitlabCiLocal(checkout: string, scratch: string): GitlabCiLocal | { readonly why: string } {
  const runner = join(checkout, "node_modules/gitlab-ci-local/dist/index.js");
  const lacking = ["git", "bash", "awk", "find"].filter((program) => !has(program));
  if (lacking.length > 0) return { why: `${lacking.join(", ")} not found` };
  if (!existsSync(runner)) return { why: "it is not in node_modules; run npm ci" };

  const tools = join(scratch, "tools");
  mkdirSync(tools, { recursive: true });
  const rsync = join(import.meta.dirname, "rsync.js");
  const script = join(tools, "rsync");
  if (!existsSync(script))
    writeFileSync(script, `#!/bin/sh\nexec '${process.execPath}' '${rsync}' "$@"\n`, { mode: 0o755 });

  return async (pipeline, node = runtime) => {
    const { origin, config, files, variables, inPlace = false, list = false, internet, terminated } = pipeline;
    const folder = mkdtempSync(join(scratch, "pipeline-"));
    if (!internet) cpSync(join(checkout, "templates"), join(folder, "templates"), { recursive: true });
    const commit = await makeRepository(folder, origin, {
      ...files,
      ".gitlab-ci.yml": typeof config === "string" ? config : JSON.stringify(config),
    });
    // It says that it is not GitLab; and it names a folder of the image, which is not used here.
    const given = { GITLAB_CI: "true", CI_PROJECT_DIR: ".", ...variables };
    const finished = await run(
      process.execPath,
      [
        ...[runner, "--force-shell-executor", "--no-artifacts-to-source", "--concurrency=1"],
        ...(inPlace ? [] : ["--shell-isolation"]),
        ...(list ? ["--list"] : []),
        ...Object.entries(given).flatMap(([name, value]) => ["--variable", `${name}=${value}`]),
        ...["--ignore-predefined-vars", Object.keys(given).join(",")],
      ],
      {
        cwd: folder,
        env: { PATH: [tools, folderOf(node), searchPath].join(delimiter), HOME: folder, ...internet?.env },
        ...(terminated && { interrupt: { when: terminated(folder), signal: "SIGTERM" } }),
      },
    );
    return {
      ...finished,
      commit,
      folder,
      file: (path) => {
        const whole = join(folder, inPlace ? "" : ".gitlab-ci-local", path);
        return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
      },
    };
  };
}
