/** Why there is no usable reply. `message` is for people and names the host, never a secret. */
export class HttpError extends Error {
  /** `postponed`: it was not done, and may be sent again by who knows that it is still wanted. */
  readonly kind: "unreachable" | "protocol" | "denied" | "deadline" | "aborted" | "postponed";
  /** The request, in one of its attempts, may have reached the server, so its effect is unknown. */
  readonly maybeSent: boolean;
  constructor(kind: HttpError["kind"], message: string, maybeSent: boolean) {
    super(message);
    this.kind = kind;
    this.maybeSent = maybeSent;
  }
}
