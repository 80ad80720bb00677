/** The part of the Actions toolkit that is used at the end of a step: it loads what reads folders and lines, some 3 ms. */
export { summary } from "@actions/core";
