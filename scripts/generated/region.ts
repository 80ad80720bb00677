export interface Markers {
  readonly start: string;
  readonly end: string;
}

/** `text` with the lines between two marker lines replaced; the new ones are indented as the marker is. */
export function replaceRegion(text: string, { start, end }: Markers, content: string, where: string): string {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => line.trim() === start);
  const to = lines.findIndex((line, index) => index > from && line.trim() === end);
  if (from < 0 || to < 0) throw new Error(`${where} needs the lines "${start}" and, below it, "${end}".`);
  const indent = /^\s*/.exec(lines[from] ?? "")?.[0] ?? "";
  const body = content.split("\n").map((line) => (line === "" ? "" : indent + line));
  return [...lines.slice(0, from + 1), ...body, ...lines.slice(to)].join("\n");
}
