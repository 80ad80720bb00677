/** Text for a screen of 80 columns. */

/**
 * In lines that fit: the first one stands behind `start` characters, those after it behind `indent` spaces. What has no space in it
 * is left whole.
 */
export function wrap(text: string, indent = 0, start = indent, width = 80): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    const before = lines.length === 0 ? start : indent;
    if (line === "" || before + longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

/** Two columns: the right one begins at the same place in each row, below a left one that is too long for it. */
export function columns(rows: readonly (readonly [left: string, right: string])[], most = 24): string {
  const column = Math.min(most, Math.max(...rows.map(([left]) => left.length)) + 4);
  return rows
    .map(([left, right]) => {
      const gap = left.length + 4 <= column ? " ".repeat(column - left.length - 2) : `\n${" ".repeat(column)}`;
      return `  ${wrap(left, 4, 2)}${gap}${wrap(right, column)}`;
    })
    .join("\n");
}
