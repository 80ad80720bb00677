/** Bad input: one line that names the input, what was given (never a secret) and what is accepted. Nothing has been sent. */
export class UsageError extends Error {}
