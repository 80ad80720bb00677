/** A name with `*` for any text and `?` for one character. */
export function globMatches(glob: string, name: string): boolean {
  const source = [...glob].map((c) => (c === "*" ? ".*" : c === "?" ? "." : c.replace(/[\\^$.+()[\]{}|/]/g, "\\$&")));
  return new RegExp(`^${source.join("")}$`, "su").test(name);
}
