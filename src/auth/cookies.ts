/** The cookies that a reply sets. */
import { head } from "../text.ts";

/** As the header `cookie` carries them, empty where there are none. Their attributes are for browsers, which keep them longer than a step. */
export function cookiesOf(headers: Readonly<Record<string, string>>): string {
  return head(headers["set-cookie"] ?? "")
    .split(/, (?=[^;,]+=)/)
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
