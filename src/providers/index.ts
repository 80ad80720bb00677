/** The registry: one line a vendor, in alphabetical order. */
import type { Provider } from "../provider.ts";
import { codearts } from "./codearts.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { gorules } from "./gorules.ts";

/** A Map, so that no name from outside can reach anything but a provider. */
export const providers: ReadonlyMap<string, Provider> = new Map(Object.entries({ codearts, github, gitlab, gorules }));
