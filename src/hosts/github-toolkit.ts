/** The parts of the Actions toolkit that are used, evaluated only on that host. */
export { debug, error, getInput, getState, info, notice, saveState, setOutput, summary, warning } from "@actions/core";
