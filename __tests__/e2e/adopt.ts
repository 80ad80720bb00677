/** Somebody publishes it under another name: one edit and a build, and the old name is nowhere. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { published } from "../../src/published.ts";
import { has, must, run, searchPath } from "./shell.ts";
import type { Suite } from "./suite.ts";

export async function adoptTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const lacking = ["git", "npm"].filter((program) => !has(program));
  if (lacking.length > 0 || !existsSync(join(checkout, ".git"))) {
    suite.skip("adopting it", lacking.length > 0 ? `${lacking.join(", ")} not found` : "not a git work tree");
    return;
  }
  await suite.test("adopt: after one edit of package.json and a build, all names are the new ones", async () => {
    const folder = join(scratch, "adopted");
    const listed = await must("git", ["ls-files", "-coz", "--exclude-standard"], { cwd: checkout });
    const paths = [...new Set(listed.split("\0"))].filter((path) => path !== "" && existsSync(join(checkout, path)));
    for (const path of paths) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(checkout, path), join(folder, path));
    }
    symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
    const surroundings = { cwd: folder, env: { HOME: folder }, seconds: 300 };
    await must("npm", ["pkg", "set", "repository.url=git+https://github.com/acme/stop-ci.git"], surroundings);
    await must("npm", ["run", "build"], surroundings);
    const text = (path: string): string => readFileSync(join(folder, path), "utf8");

    assert.deepEqual(
      paths.filter((path) => text(path).includes(published.github)),
      [],
    );
    assert.match(text("README.md"), /uses: acme\/stop-ci@v1$/m);
    assert.match(text("README.md"), /component: gitlab\.com\/acme\/stop-ci\/cancel@1$/m);
    for (const name of ["cancel", "guard"])
      for (const file of ["template.yml", "include.yml"])
        assert.match(text(`templates/${name}/${file}`), /githubusercontent\.com\/acme\/stop-ci\/\$\{file\}/);
  });

  await suite.test("adopt: the steps of RELEASE.md lead to a release that a user can install", async () => {
    const folder = join(scratch, "adopted");
    const tools = join(scratch, "adopted-tools");
    mkdirSync(tools);
    // Writes down what it is asked. A tag of the major version is not there yet.
    writeFileSync(
      join(tools, "gh"),
      `#!/bin/sh\necho "$*" >> '${tools}/log'\ncase "$*" in *notes-file*) for last; do case "$last" in */notes.md) cat "$last" > '${tools}/notes' ;; esac; done ;; "api repos"*) exit 1 ;; esac\n`,
      { mode: 0o755 },
    );
    const name = { GIT_AUTHOR_NAME: "Test", GIT_COMMITTER_NAME: "Test" };
    const mail = { GIT_AUTHOR_EMAIL: "test@example.com", GIT_COMMITTER_EMAIL: "test@example.com" };
    const env = { HOME: folder, GIT_CONFIG_NOSYSTEM: "1", ...name, ...mail };
    const surroundings = { cwd: folder, env, seconds: 300 };
    const git = (...args: string[]): Promise<string> => must("git", args, surroundings);
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", "--all");
    await git("commit", "--quiet", "--message=feat: a first one");
    await must("npm", ["run", "release"], surroundings);
    await git("commit", "--quiet", "--all", "--message=chore: release 1.0.0");
    await git("tag", "v1.0.0");
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    const sha = (await git("rev-parse", "HEAD")).trim();
    const released = { ...env, GITHUB_REF_NAME: "v1.0.0", GITHUB_SHA: sha, GITHUB_REPOSITORY: "acme/stop-ci" };

    const verified = await must("bash", ["scripts/release/verify.sh"], { ...surroundings, env: released });
    assert.match(verified, /^v1\.0\.0 is 1\.0\.0, and a commit of main\.$/m);
    const other = await run("bash", ["scripts/release/verify.sh"], {
      ...surroundings,
      env: { ...released, GITHUB_REF_NAME: "v1.0.1" },
    });
    assert.match(other.output, /^The tag is v1\.0\.1, and package\.json says 1\.0\.0\.$/m);
    assert.equal(other.code, 1);

    const path = [tools, searchPath].join(delimiter);
    const published = { ...released, PATH: path, ATTESTATION: join(folder, "package.json"), GH_TOKEN: "ghs-canary" };
    await must("bash", ["scripts/release/github.sh"], { ...surroundings, env: published });
    const asked = readFileSync(join(tools, "log"), "utf8").trim().split("\n");
    assert.deepEqual(
      asked.map((line) => line.split(" ").slice(0, 4).join(" ")),
      [
        "release create v1.0.0 --draft",
        "release edit v1.0.0 --draft=false",
        "api repos/acme/stop-ci/git/ref/tags/v1",
        "api --method POST repos/acme/stop-ci/git/refs",
      ],
    );
    assert.ok(asked[3]?.endsWith(`-f ref=refs/tags/v1 -f sha=${sha}`), asked[3]);
    assert.match(readFileSync(join(tools, "notes"), "utf8"), /^\s*The first release\.$/m);

    const user = join(scratch, "user");
    mkdirSync(user);
    const offline = { cwd: user, env: { HOME: user, npm_config_offline: "true", npm_config_update_notifier: "false" } };
    await must("npm", ["pack", "--pack-destination", user, folder], offline);
    const version = await must(
      "npx",
      ["--yes", `--package=${join(user, "cancel-run-1.0.0.tgz")}`, "cancel-run", "--version"],
      offline,
    );
    assert.equal(version, "1.0.0\n");
    assert.match(readFileSync(join(folder, "templates/cancel/include.yml"), "utf8"), /default: "v1\.0\.0"/);
  });
}
