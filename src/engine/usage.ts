/** Bad input: one line that names the input, what was given (never a secret) and what is accepted. Nothing has been sent. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** An id is missing: where a guard stands before the step that gives it, that is no mistake. */
export class MissingId extends UsageError {
  /** The input, as the user of this host writes it. */
  readonly input: string;

  constructor(input: string, message: string) {
    super(message);
    this.input = input;
  }
}

/** The file that names the run is missing or empty: nothing has been started. */
export class NotStarted extends MissingId {}
