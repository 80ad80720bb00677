/**
 * A name with `*` for any text and, if given, `one` for any character. The pieces between stars are looked for from left to right, each once: no
 * name makes it run long.
 */
export function globMatches(glob: string, name: string, one = "?"): boolean {
  const standsAt = (piece: readonly string[], points: readonly string[], at: number): boolean =>
    at + piece.length <= points.length && piece.every((c, offset) => c === one || c === points[at + offset]);
  const [first = [], ...pieces] = glob.split("*").map((piece) => [...piece]);
  const points = [...name];
  if (!standsAt(first, points, 0)) return false;
  const last = pieces.pop();
  if (last === undefined) return points.length === first.length;
  let at = first.length;
  for (const piece of pieces) {
    while (!standsAt(piece, points, at)) if (++at > points.length) return false;
    at += piece.length;
  }
  return at <= points.length - last.length && standsAt(last, points, points.length - last.length);
}
