import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/** One column of a table. */
export interface Column<T> {
  readonly name: string;
  /** What is shown. */
  cell(row: T): ComponentChildren;
  /** What is sorted by and saved; undefined is nothing. Without it the column is neither. */
  value?(row: T): string | number | undefined;
  readonly isNumber?: boolean;
}

/** A table that can be sorted by its heads and saved as CSV. */
export function DataTable<T>({
  caption,
  columns,
  rows,
  keyOf,
  isCurrent,
  isFirst,
  most = Number.POSITIVE_INFINITY,
  file,
}: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  readonly isCurrent?: (row: T) => boolean;
  /** Rows that stand above all others, however they are sorted. */
  readonly isFirst?: (row: T) => boolean;
  /** So many rows are shown before all are asked for. */
  readonly most?: number;
  /** Name of the CSV file, without its ending; without it there is none. */
  readonly file?: string;
}) {
  const [order, setOrder] = useState<{ readonly name: string; readonly sign: 1 | -1 }>();
  const by = columns.find(({ name }) => name === order?.name)?.value;
  const ordered = by ? [...rows].sort((a, b) => compare(by(a), by(b), order!.sign)) : rows;
  const sorted = isFirst ? [...ordered].sort((a, b) => Number(isFirst(b)) - Number(isFirst(a))) : ordered;
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? sorted : sorted.slice(0, most);
  return (
    <div class="table">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, value, isNumber }) => (
              <th
                key={name}
                scope="col"
                class={isNumber ? 'number' : undefined}
                aria-sort={order?.name === name ? (order.sign > 0 ? 'ascending' : 'descending') : undefined}
              >
                {value ? (
                  <button
                    type="button"
                    class="sort"
                    onClick={() => setOrder({ name, sign: order?.name === name && order.sign > 0 ? -1 : 1 })}
                  >
                    {name}
                  </button>
                ) : (
                  name
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(row)} class={isCurrent?.(row) ? 'is-current' : undefined}>
              {columns.map(({ name, cell, isNumber }) => (
                <td key={name} class={isNumber ? 'number' : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < sorted.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {sorted.length}
        </button>
      )}
      {file !== undefined && rows.length > 0 && (
        <button type="button" class="plain" onClick={() => save(`${file}.csv`, csvOf(columns, sorted))}>
          Save as CSV
        </button>
      )}
    </div>
  );
}

/** The rows as CSV (RFC 4180), with the names of the columns that have values in the first line. */
export function csvOf<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const saved = columns.filter(({ value }) => value !== undefined);
  const lines = [saved.map(({ name }) => name), ...rows.map((row) => saved.map(({ value }) => value!(row) ?? ''))];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

function quoted(value: string | number): string {
  const text = String(value);
  // A text that a spreadsheet would take for a formula is kept a text.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Nothing comes last, upwards and downwards. */
function compare(a: string | number | undefined, b: string | number | undefined, sign: 1 | -1): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
}
