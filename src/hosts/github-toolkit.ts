/** The parts of the Actions toolkit that a step begins with, evaluated only on that host. */
export { debug, error, getInput, getState, info, notice, saveState, setOutput, warning } from "@actions/core";
