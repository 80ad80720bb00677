// Prints how many targets there are at each level of proof; run it by `npm run proof`.
import { existsSync, readFileSync } from "node:fs";
import { proof } from "./generated/levels.ts";

console.log(proof((path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined)));
