/** The token endpoint of OAuth 2.0, and the access tokens that it gives: https://www.rfc-editor.org/rfc/rfc6749#section-5 */
import type { Clock } from "../clock.ts";
import type { HttpRequest } from "../http/client.ts";
import type { Reply } from "../provider.ts";
import { oneLine } from "../text.ts";
import { type Lasting, renewed } from "./once.ts";
import { type Authenticator, Denied, type SchemeContext, Unavailable } from "./scheme.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Sends an access token, as long as it lasts; once a step another one is got because a server has refused the first before its time. */
export function byAccessToken(clock: Pick<Clock, "now">, login: () => Promise<Lasting>): Authenticator {
  let latest: string | undefined;
  let isAnew = false;
  const got = async (): Promise<Lasting> => {
    const token = await login();
    latest = token.value;
    return token;
  };
  let current = renewed(clock, got);
  return {
    authorize: async () => ({ authorization: `Bearer ${await current()}` }),
    renews({ authorization }) {
      // It has been replaced meanwhile, or is about to be: another request was refused, too.
      if (authorization !== `Bearer ${latest}`) return true;
      if (isAnew) return false;
      isAnew = true;
      latest = undefined;
      current = renewed(clock, got);
      return true;
    },
  };
}

/** `whose`: who is asked, in what is said of a refusal. */
export async function tokenFrom(
  context: SchemeContext,
  whose: string,
  url: URL,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Lasting> {
  const body = await answer(context, whose, {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  });
  const seconds = Number(body["expires_in"]);
  return lasting(body["access_token"], seconds > 0 ? seconds : 3600, whose, context);
}

export async function answer({ send }: SchemeContext, whose: string, request: HttpRequest): Promise<Fields> {
  const reply = await send(request);
  if (reply.status !== 200) throw refusal(request.url, reply, whose);
  return (reply.body ?? {}) as Fields;
}

/** A token that has but five minutes left is replaced. */
export function lasting(value: unknown, seconds: number, whose: string, { clock, mask }: SchemeContext): Lasting {
  if (typeof value !== "string" || value === "") throw new Denied(`${whose}'s answer has no token in it`);
  mask(value);
  return { value, until: clock.now() + Math.max(60, seconds - 300) * 1000 };
}

/** A server that does not work says nothing of the credential. */
export function refusal({ host }: URL, { status, body }: Reply, whose: string): Error {
  const { error, error_description: described, message } = (body ?? {}) as Fields;
  const nested = (error as Fields | null | undefined)?.["message"];
  const words = [error, described, nested, message].filter((one) => typeof one === "string").join(": ");
  const said = `${whose} gave no token (${host} answered ${status}${words ? `: ${oneLine(words, 200)}` : ""})`;
  return status >= 500 ? new Unavailable(said) : new Denied(said);
}
