/** The event that started the workflow. Reading it fails where the event file is broken. */
export { context } from "@actions/github";
