/** What stands in for a vendor's server: it answers as the vendor's documents say and owns its state, but no socket and no clock. */
export type Vendor = (request: Request) => Reply;

export interface Request {
  /** Where it was sent, `https://gitlab.com`: pages and links to further pages start so. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, as they stand on the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a request as an object; an empty one when it is none. */
export function fields({ body }: Request): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
