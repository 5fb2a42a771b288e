import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { type Column, DataTable } from '../parts/table.tsx';

/** One sign of a chart and what it means. */
export interface Sign {
  /** Class of the mark in charts.css. */
  readonly mark: 'dot' | 'best' | 'hollow' | 'cross' | 'line' | 'best-line' | 'wrong-line' | 'limit' | 'faint';
  readonly text: string;
}

/** A chart with its name, its signs, and the table of what it shows. */
export function Figure<T>({
  title,
  signs = [],
  remark,
  columns,
  rows,
  keyOf,
  file,
  isWide,
  children,
}: {
  readonly title: string;
  readonly signs?: readonly Sign[];
  /** What is to be said of it. */
  readonly remark?: string | undefined;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  /** Name of its CSV file. */
  readonly file: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  const [isTable, setTable] = useState(false);
  const id = useId();
  return (
    <section class={isWide ? 'figure is-wide' : 'figure'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          class="plain"
          aria-pressed={isTable}
          aria-label={`${title} as a table`}
          onClick={() => setTable(!isTable)}
        >
          Table
        </button>
      </header>
      {isTable ? (
        <div class="scroll">
          <DataTable caption={title} columns={columns} rows={rows} keyOf={keyOf} file={file} />
        </div>
      ) : (
        <>
          {children}
          {signs.length > 0 && (
            <ul class="signs">
              {signs.map(({ mark, text }) => (
                <li key={text}>
                  <svg width="16" height="12" aria-hidden="true">
                    <SignMark mark={mark} />
                  </svg>
                  {text}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {remark && <p class="quiet remark">{remark}</p>}
    </section>
  );
}

function SignMark({ mark }: Pick<Sign, 'mark'>) {
  if (mark === 'cross') return <Cross x={8} y={6} />;
  if (mark.endsWith('line')) return <path class={mark === 'line' ? 'line' : `line ${mark.slice(0, -5)}`} d="M0 6H16" />;
  if (mark === 'limit') return <path class="limit" d="M8 0V12" />;
  if (mark === 'faint') return <rect class="bar faint" x="1" y="2" width="14" height="8" rx="2" />;
  return <circle class={mark === 'dot' ? 'mark' : `mark ${mark}`} cx="8" cy="6" r={mark === 'best' ? 4.5 : 3.5} />;
}

/** A trial without a value. */
export function Cross({ x, y, isFaint }: { readonly x: number; readonly y: number; readonly isFaint?: boolean }) {
  return <path class={isFaint ? 'cross faint' : 'cross'} d={`M${x - 3} ${y - 3}l6 6m0 -6l-6 6`} />;
}
