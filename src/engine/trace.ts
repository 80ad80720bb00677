/** A line per request, for those who ask for it. */
import type { Traced } from "../http/client.ts";
import { head, oneLine } from "../text.ts";

/** A header by which a vendor's support finds a request, and one that says what is left of a limit: each vendor has its own prefix. */
const requestId = /(?:^|-)request-?id$/;
const remaining = /(?:^|-)ratelimit-remaining$/;

/** Tells of each request where `debug` is wanted. */
export const traceTo = (debug: ((line: string) => void) | undefined): ((traced: Traced) => void) | undefined =>
  debug &&
  ((traced) => {
    debug(traceLine(traced));
  });

/** What was sent and what came, without anything that may be secret: no query, no header of ours, no body. */
function traceLine({ method, url, attempt, ms, came }: Traced): string {
  const address = `${url.origin}${url.pathname}${url.search ? "?…" : ""}`;
  const took = `${Math.round(ms)} ms, attempt ${attempt}`;
  const line = `${method} ${oneLine(address, 500)}:`;
  if (typeof came === "string") return `${line} ${oneLine(came, 60)}, ${took}`;
  const [id, left] = [requestId, remaining].map(
    (pattern) => Object.entries(came.headers).find(([name]) => pattern.test(head(name)))?.[1],
  );
  const more = [id && `request id ${oneLine(id, 80)}`, left && `${oneLine(left, 20)} requests left`].filter(Boolean);
  return [`${line} ${came.status}`, took, ...more].join(", ");
}
