/** The npm package as it is published: what is in it, and what it is good for. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { folderOf, nodes } from "./nodes.ts";
import { jobs, project, startGitLab, token } from "./servers.ts";
import { has, must, run, searchPath, type Surroundings } from "./shell.ts";
import type { Suite } from "./suite.ts";

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

export async function packageTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  if (!has("npm")) {
    suite.skip("package", "npm not found");
    return;
  }
  const folder = join(scratch, "package");
  mkdirSync(folder);
  const surroundings: Surroundings = {
    cwd: folder,
    env: { HOME: folder, npm_config_offline: "true", npm_config_update_notifier: "false" },
  };
  let packed: Packed | undefined;

  await suite.test("package: holds the program, the library, what documents them, and nothing else", async () => {
    const output = await must("npm", ["pack", "--json", "--pack-destination", folder, checkout], surroundings);
    [packed] = JSON.parse(/^\[.*^\]/ms.exec(output)?.[0] ?? "[]") as [Packed];
    const paths = packed.files.map(({ path }) => path);
    const top = [...new Set(paths.map((path) => path.split("/")[0]!))].sort();
    assert.deepEqual(top, [
      ...["CHANGELOG.md", "LICENSE", "README.md", "action.yml", "dist", "docs", "examples", "man", "package.json"],
      "templates",
    ]);
    assert.deepEqual(
      paths.filter((path) => path.startsWith("dist/")).sort(),
      ["index.js", "library.d.ts", "library.js", "licenses.txt", "post.js", "sbom.cdx.json"].map(
        (name) => `dist/${name}`,
      ),
    );
    assert.ok(packed.size < 1_000_000, `${packed.size} bytes`);
    assert.deepEqual(
      packed.files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path),
      ["dist/index.js"],
    );
  });
  if (packed === undefined) return;
  const tarball = join(folder, packed.filename);

  for (const node of nodes)
    await suite.test(
      `package: its library stops a run, from JavaScript and by require, on Node.js ${node.version}`,
      async () => {
        writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
        const added = await must("npm", ["install", "--no-audit", "--no-fund", tarball], surroundings);
        assert.match(added, /^(?:added 1 package|up to date)\b/m);
        assert.equal(
          readdirSync(join(folder, "node_modules"))
            .filter((name) => !name.startsWith("."))
            .join(),
          "cancel-run",
        );
        const gitlab = await startGitLab(jobs);
        const call = `{ provider: "gitlab", "server-url": ${JSON.stringify(gitlab.url)}, ids: { project: "${project}", "job-id": 4711 }, token: "${token}" }`;
        try {
          writeFileSync(
            join(folder, "stop.js"),
            `import { cancel, UsageError, version } from "cancel-run";
const { outcome, exitCode } = await cancel(${call});
console.log(version, outcome, exitCode);
await cancel({ urls: "x" }).catch((error) => console.log(error instanceof UsageError, error.message));
`,
          );
          const { code, output } = await run(node.path, ["stop.js"], surroundings);
          const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string };
          assert.equal(output, `${version} cancelled 0\ntrue urls is not an option; did you mean url?\n`);
          assert.equal(code, 0);
        } finally {
          gitlab.close();
        }
        // Node.js 20.19 and 22.12 can.
        const [major = 0, minor = 0] = node.version.split(".").map(Number);
        if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) {
          const script = 'console.log(typeof require("cancel-run").cancel)';
          const { output } = await run(
            node.path,
            ["--no-warnings", "--input-type=commonjs", "-e", script],
            surroundings,
          );
          assert.equal(output, "function\n");
        }
      },
    );

  await suite.test("package: its types are those of a strict TypeScript program", async () => {
    const program = (options: string): string =>
      `import { cancel, type CancelResult } from "cancel-run";
const signal: AbortSignal = AbortSignal.timeout(1000);
const { outcome, runs, exitCode }: CancelResult = await cancel({ ${options}, signal, log: (text, level) => void [text, level] });
export const detail: string | undefined = runs[0]?.detail;
export const isStopped: boolean = outcome === "cancelled" && exitCode === 0;
`;
    const complaintsOf = async (options: string): Promise<string> => {
      writeFileSync(join(folder, "stop.ts"), program(options));
      const tsc = join(checkout, "node_modules/typescript/bin/tsc");
      const flags = [
        "--strict",
        "--noEmit",
        "--exactOptionalPropertyTypes",
        "--module",
        "nodenext",
        "--target",
        "es2022",
      ];
      const types = ["--lib", "es2023,dom"];
      return (await run(process.execPath, [tsc, ...flags, ...types, "stop.ts"], surroundings)).output;
    };
    assert.equal(
      await complaintsOf(`provider: "gitlab", ids: { project: "a/b", "job-id": [1, "2"] }, timeout: "2m"`),
      "",
    );
    assert.match(await complaintsOf(`provider: "gitlab", "job-id": 1`), /'"job-id"' does not exist/);
  });

  for (const node of nodes)
    await suite.test(
      `package: npx runs its program, and installs one package, on Node.js ${node.version}`,
      async () => {
        const cache = join(folder, `cache-${node.version}`);
        const env = {
          ...surroundings.env,
          PATH: [folderOf(node), searchPath].join(delimiter),
          npm_config_cache: cache,
        };
        const ran = await must("npx", ["--yes", `--package=${tarball}`, "cancel-run", "--help"], {
          ...surroundings,
          env,
        });
        assert.match(ran, /cancel-run ADDRESS/);
        const installed = await must("sh", ["-c", `ls ${cache}/_npx/*/node_modules`], surroundings);
        assert.equal(installed, "cancel-run\n");
      },
    );
}
