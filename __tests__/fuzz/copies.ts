/** Copies of the compiled sources, and of the bundle, that have a planted fault. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compiled } from "./engine.ts";
import { planted } from "./planted.ts";

/** Where the copies are, below `lib`, so that they find their packages. */
const copies = join(process.cwd(), "lib/planted");

/** Makes the copy that has the fault: a folder of compiled sources, or a bundle. */
export function plant(number: number): string {
  const { file, piece, instead, fault } = planted[number]!;
  const folder = join(copies, `${process.pid}-${number}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = file === undefined ? join(process.cwd(), "dist/index.js") : join(compiled, file);
  const text = readFileSync(source, "utf8");
  const found = text.split(piece).length - 1;
  if (found !== 1) throw new Error(`"${fault}": its piece stands ${found} times in ${source}: ${piece}`);
  const target = file === undefined ? join(folder, "index.js") : join(folder, "src", file);
  if (file !== undefined) cpSync(compiled, join(folder, "src"), { recursive: true });
  writeFileSync(
    target,
    text.replace(piece, () => instead),
  );
  return file === undefined ? target : join(folder, "src");
}

export const uproot = (): void => rmSync(copies, { recursive: true, force: true });
