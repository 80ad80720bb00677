/** Every provider, for scripts, tests and the page that explains. The program reads the files that it needs. */
import { load } from "./index.ts";

export const providers = await load();
