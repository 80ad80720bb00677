/** The arithmetic of the bench. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of the ratios of pairs that were measured one right after the other, so that a busy moment of the machine hits both. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, at) => value / theirs[at]!));
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What one more of x adds to y: least squares. */
export function slope(points: readonly Point[]): number {
  const mean = (pick: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const over = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return over / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

/** The power of x by which y grows above its value at the first point: 1 is linear, 2 is quadratic. */
export function growth([first, ...rest]: readonly Point[]): number {
  return slope(
    rest.map(({ x, y }) => ({ x: Math.log(x - first!.x), y: Math.log(Math.max(y - first!.y, Number.EPSILON)) })),
  );
}

/** One figure and what it may be at most; without a bound it is for reading. */
export interface Finding {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly most?: number;
  /** It is no time, so it is the same on every machine. */
  readonly counted?: true;
}

export const isOut = ({ value, most }: Finding): boolean => most !== undefined && !(value <= most);

export function figure(value: number): string {
  if (Number.isInteger(value)) return `${value}`;
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function sentence(finding: Finding): string {
  const { what, value, unit, most } = finding;
  const bound = most === undefined ? "" : ` (at most ${figure(most)}${isOut(finding) ? ": OUT OF BOUNDS" : ""})`;
  return `${what}: ${figure(value)}${unit}${bound}`;
}
