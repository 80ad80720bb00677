/** Chromium, as the system has it: nothing is downloaded. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Undefined where there is none. */
export async function launchChromium(): Promise<Browser | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const executablePath = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
  if (executablePath === undefined) return undefined;
  // As root, which containers often are, Chromium starts without its sandbox only.
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
