/** Somebody publishes it under another name: one edit and a build, and the old name is nowhere. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { published } from "../../src/published.ts";
import { has, must } from "./shell.ts";
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
        assert.match(text(`templates/${name}/${file}`), /githubusercontent\.com\/acme\/stop-ci\/\{ref\}\/dist/);
  });
}
