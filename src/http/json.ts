import type { Json } from "../provider.ts";

/** Parses JSON; integers beyond 2^53 become strings, because an id must not change. Returns undefined when it is broken. */
export function parse(text: string): Json {
  try {
    return JSON.parse(quoteLargeIntegers(text));
  } catch {
    return undefined;
  }
}

const [quote, backslash, minus, zero, nine] = [0x22, 0x5c, 0x2d, 0x30, 0x39];
/** Shorter ones are safe. */
const shortestLarge = 16;

/** Each character is looked at once, whatever the text: a pattern would try again from every quote of a text that is not JSON. */
function quoteLargeIntegers(text: string): string {
  let [quoted, done, inString] = ["", 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === backslash) at++;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === minus || isDigit(code)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (end - at >= shortestLarge && isLargeInteger(number)) {
        quoted += `${text.slice(done, at)}"${number}"`;
        done = end;
      }
      at = end - 1;
    }
  }
  return quoted + text.slice(done);
}

const isDigit = (code: number): boolean => code >= zero && code <= nine;

const isLargeInteger = (number: string): boolean => {
  const digits = number.replace(/^-/, "");
  return digits.length >= shortestLarge && !/\D/.test(digits) && !Number.isSafeInteger(Number(number));
};

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && (isDigit(text.charCodeAt(end)) || ".eE+-".includes(text.charAt(end)))) end++;
  return end;
}
