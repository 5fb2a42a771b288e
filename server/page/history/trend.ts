/** The line of one metric down a list, as far as one row has it; 0 is the least value of the list, 1 the greatest. */
export interface TrendRow {
  /** Where the line comes in at the top edge, and leaves at the bottom edge; absent where it begins or ends. */
  readonly top?: number;
  readonly bottom?: number;
  /** The value of the row itself. */
  readonly dot?: number;
}

/** A line through the values of a list from each to the next one, past the rows that have none. */
export function trendOf(values: readonly (number | undefined)[]): TrendRow[] {
  const known = values.flatMap((value, row) => (value !== undefined && Number.isFinite(value) ? [{ value, row }] : []));
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { value } of known) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  const place = (value: number): number => (greatest > least ? (value - least) / (greatest - least) : 0.5);
  const rows: { top?: number; bottom?: number; dot?: number }[] = values.map(() => ({}));
  for (const [at, { value, row }] of known.entries()) {
    rows[row]!.dot = place(value);
    const next = known[at + 1];
    if (next === undefined) break;
    const [from, to] = [place(value), place(next.value)];
    for (let edge = row; edge < next.row; edge++) {
      const x = from + ((to - from) * (edge + 0.5 - row)) / (next.row - row);
      rows[edge]!.bottom = x;
      rows[edge + 1]!.top = x;
    }
  }
  return rows;
}
