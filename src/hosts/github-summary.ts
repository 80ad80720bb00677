/** The part of the Actions toolkit that is used at the end of a step: what it loads, to read folders and lines, no start needs. */
export { summary } from "@actions/core";
