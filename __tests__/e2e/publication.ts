/** This checkout as people get it from a git server: a tag of the release, one of its major version, a branch, and every commit. */
import { spawn } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { commitAll, gitIn } from "./repository.ts";
import { published } from "../../src/published.ts";
import { searchPath } from "./shell.ts";

export interface Publication {
  /** The commit of `v1`. */
  readonly commit: string;
  /** Its git server, on github.com and gitlab.com alike, and on GitLab its files too. */
  readonly serve: RequestListener;
}

/** What the program of the branch `next` says besides, and that of `v1` does not. */
export const ofNext = "this is the branch next";

export async function publish(checkout: string, scratch: string): Promise<Publication> {
  const folder = join(scratch, "publication");
  mkdirSync(folder, { recursive: true });
  for (const path of ["action.yml", "dist", "templates", "package.json", "LICENSE", ".gitignore"])
    cpSync(join(checkout, path), join(folder, path), { recursive: true });
  const git = gitIn(folder);
  const commit = await commitAll(folder, `https://github.com/${published.github}.git`);
  await git("tag", "--annotate", "--message=A release", "v1.0.0");
  await git("tag", "v1");
  await git("checkout", "--quiet", "-b", "next");
  appendFileSync(join(folder, "dist/index.js"), `\nconsole.log(${JSON.stringify(ofNext)});\n`);
  await git("commit", "--quiet", "--all", "--message=Another one");
  await git("checkout", "--quiet", "main");
  // As GitHub's and GitLab's do: https://git-scm.com/docs/git-config#Documentation/git-config.txt-uploadpackallowAnySHA1InWant
  await git("config", "uploadpack.allowAnySHA1InWant", "true");
  await git("config", "uploadpack.allowFilter", "true");

  return {
    commit,
    serve: (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "https://github.com");
      const inRepository = new RegExp(`^/${published.github}(?:\\.git)?(?=/)`).exec(pathname)?.[0];
      const path = pathname.slice(inRepository?.length ?? 0);
      const raw = /^\/-\/raw\/([\w.-]+)\/([\w./-]+)$/.exec(path);
      const answer = (type: string, first: string, input: Readable | undefined, ...args: string[]): void => {
        response.writeHead(200, { "content-type": type, "cache-control": "no-cache" });
        response.write(first);
        const child = spawn("git", args, { cwd: folder, env: { PATH: searchPath }, stdio: ["pipe", "pipe", "ignore"] });
        child.stdin.on("error", () => undefined);
        if (input) input.pipe(child.stdin);
        else child.stdin.end();
        child.stdout.pipe(response);
      };
      // The first version of the protocol, which every client still speaks: https://git-scm.com/docs/http-protocol
      if (inRepository !== undefined && path === "/info/refs" && searchParams.get("service") === "git-upload-pack") {
        const type = "application/x-git-upload-pack-advertisement";
        const first = "001e# service=git-upload-pack\n0000";
        answer(type, first, undefined, "upload-pack", "--stateless-rpc", "--advertise-refs", ".");
      } else if (inRepository !== undefined && path === "/git-upload-pack") {
        const body = request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;
        answer("application/x-git-upload-pack-result", "", body, "upload-pack", "--stateless-rpc", ".");
      } else if (inRepository !== undefined && raw) {
        answer("text/plain", "", undefined, "show", `${raw[1] ?? ""}:${raw[2] ?? ""}`);
      } else response.writeHead(404).end();
    },
  };
}
