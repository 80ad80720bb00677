// Bundles compiled sources into one readable file that runs alone.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { stage } from "./stage.ts";
import { trim } from "./trim.ts";

interface Output {
  code: string;
  assets: Record<string, { source: string | Uint8Array }>;
}

type Ncc = (entry: string, options: Record<string, boolean | string>) => Promise<Output>;

const ncc = createRequire(import.meta.url)("@vercel/ncc") as Ncc;

/** Where the files beside the bundle are: there are none, and a page could not say it. */
const besideIt = /^.*__nccwpck_require__\.ab = .*\n/m;

interface Bundle {
  readonly code: string;
  readonly licenses: string;
}

/** The program, which is `index.js` in the folder, and the licenses of what is in it. */
export async function bundle(folder: string): Promise<Bundle> {
  const { code, licenses } = await pack(folder, "index.js");
  if (licenses === "") throw new Error("ncc made no licenses.txt.");
  return { code: trim(code), licenses };
}

/** A file in the folder with all that it imports, as ncc makes it; where no package is in it, without licenses. */
export async function pack(folder: string, entry: string): Promise<Bundle> {
  stage("node_modules", join(folder, "node_modules"));
  const { code, assets } = await ncc(resolve(folder, entry), {
    cache: false,
    license: "licenses.txt",
    quiet: true,
  });
  const { "licenses.txt": licenses, ...others } = assets;
  const strays = Object.keys(others).filter((name) => name !== "package.json");
  if (strays.length > 0) {
    throw new Error(
      `The bundle must be one file and its licenses, but ncc also made: ${strays.join(", ")}. ` +
        `Write a lazy import as import(/* webpackMode: "eager" */ "./x.ts").`,
    );
  }
  if (code.includes(resolve("."))) {
    throw new Error("The bundle holds an absolute path of this machine.");
  }
  return {
    code: code.replace(besideIt, ""),
    licenses: Buffer.from(licenses?.source ?? "")
      .toString()
      .replaceAll("\r\n", "\n"),
  };
}
