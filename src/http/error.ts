/** Why there is no usable reply. `message` is for people and names the host, never a secret. */
export class HttpError extends Error {
  readonly kind: "unreachable" | "protocol" | "denied" | "deadline" | "aborted";
  /** The request may have reached the server, so its effect is unknown. */
  readonly maybeSent: boolean;
  constructor(kind: HttpError["kind"], message: string, maybeSent: boolean) {
    super(message);
    this.kind = kind;
    this.maybeSent = maybeSent;
  }
}
