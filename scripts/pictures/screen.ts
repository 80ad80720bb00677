/** What a terminal shows over time, as an SVG that plays once and stays at its end. */

/** What came at which time, in ms. */
export interface Chunk {
  readonly at: number;
  readonly text: string;
}

interface Run {
  readonly style: string;
  readonly text: string;
}

interface Shown {
  readonly row: number;
  readonly runs: readonly Run[];
  readonly from: number;
  readonly to: number | undefined;
}

const colors: Readonly<Record<string, string>> = { 31: "red", 32: "green", 33: "yellow", 36: "cyan" };
const [charWidth, lineHeight, margin] = [8.4, 19, 16];

/** Carriage return, erase line and colors: that is all that the program uses. */
function play(chunks: readonly Chunk[]): readonly Shown[] {
  const shown: Shown[] = [];
  const rows: { runs: Run[]; from: number }[] = [];
  let row = 0;
  let style = new Set<string>();
  const end = (at: number): void => {
    const old = rows[row];
    if (old?.runs.length) shown.push({ row, runs: old.runs, from: old.from, to: at });
    rows[row] = { runs: [], from: at };
  };
  for (const { at, text } of chunks) {
    // eslint-disable-next-line no-control-regex
    for (const [token] of text.matchAll(/\u001b\[\??[\d;]*[A-Za-z]|\r\n|[\r\n]|[^\r\n\u001b]+/g)) {
      if (token === "\r\n" || token === "\n") row += 1;
      else if (token === "\u001b[2K") end(at);
      else if (token.endsWith("m") && token.startsWith("\u001b[")) style = styled(style, token.slice(2, -1).split(";"));
      else if (!token.startsWith("\u001b") && token !== "\r") {
        const line = (rows[row] ??= { runs: [], from: at });
        if (line.runs.length === 0) line.from = at;
        line.runs.push({ style: [...style].join(" "), text: token });
      }
    }
  }
  return [...shown, ...rows.flatMap((line, at) => (line?.runs.length ? [{ row: at, ...line, to: undefined }] : []))];
}

function styled(before: ReadonlySet<string>, codes: readonly string[]): Set<string> {
  const style = new Set(before);
  for (const code of codes) {
    if (code === "0" || code === "") style.clear();
    else if (code === "1") style.add("bold");
    else if (code === "2") style.add("dim");
    else if (code === "22") ["bold", "dim"].forEach((one) => style.delete(one));
    else {
      Object.values(colors).forEach((one) => style.delete(one));
      if (colors[code] !== undefined) style.add(colors[code]);
    }
  }
  return style;
}

export function svgOf(chunks: readonly Chunk[], title: string): string {
  const shown = play(chunks);
  const rows = Math.max(...shown.map(({ row }) => row)) + 1;
  const columns = Math.max(...shown.map(({ runs }) => runs.reduce((sum, { text }) => sum + [...text].length, 0)));
  const [width, height] = [Math.ceil(columns * charWidth) + 2 * margin, rows * lineHeight + 2 * margin];
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)}s`;
  const lines = shown.map(({ row, runs, from, to }) => {
    const spans = runs
      .map(({ style, text }) => `<tspan${style ? ` class="${style}"` : ""}>${escape(text)}</tspan>`)
      .join("");
    // What stays is there also where nothing plays.
    const [hidden, time] =
      to === undefined
        ? ["", `to="hidden" begin="0s" dur="${seconds(Math.max(from, 10))}"`]
        : [' visibility="hidden"', `to="visible" begin="${seconds(from)}" dur="${seconds(Math.max(to - from, 10))}"`];
    const y = margin + (row + 0.75) * lineHeight;
    return `<text x="${margin}" y="${y}"${hidden}>${spans}<set attributeName="visibility" ${time}/></text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre; }
.bold { font-weight: 700; } .dim { fill: #9ea7b3; } .red { fill: #ff7b72; } .green { fill: #3fb950; } .yellow { fill: #d29922; } .cyan { fill: #39c5cf; }
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${lines.join("\n")}
</svg>
`;
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
