import { useEffect, useRef, useState } from 'preact/hooks';
import type { Drawing } from '../../../src/core/picture/drawing.ts';
import type { ReportLine } from '../../../src/porcelain/report.ts';
import { ChangeLine } from '../parts/changes.tsx';
import { DataTable } from '../parts/table.tsx';
import type { Compared } from './compared.ts';

/** All changes of a file in words: as a list to step through, or as a table to sort and to keep. */
export function ChangeList({
  file: { file, lines, kind, drawing },
  at,
  onGo,
}: {
  readonly file: Compared;
  /** The one that was stepped to; -1 is none. */
  readonly at: number;
  readonly onGo: (line: number) => void;
}) {
  const [isTable, setTable] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <section class="panel change-list" aria-label="Changes">
      <p class="row">
        <strong>
          {kind === 'added' || kind === 'removed'
            ? `The file was ${kind}.`
            : `${lines.length} ${lines.length === 1 ? 'change' : 'changes'}`}
        </strong>
        <span class="grow" />
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          Table
        </button>
      </p>
      {isTable ? (
        <DataTable
          caption={`Changes of ${file}`}
          file={`changes of ${file.replaceAll('/', ' ')}`}
          rows={lines}
          keyOf={(line) => lines.indexOf(line)}
          columns={[
            { name: 'kind', cell: ({ kind: what }) => what, value: ({ kind: what }) => what },
            ...(['place', 'before', 'after'] as const).map((name) => ({
              name,
              cell: (line: ReportLine) => toldOf(line, drawing)[name],
              value: (line: ReportLine) => toldOf(line, drawing)[name],
            })),
          ]}
        />
      ) : (
        <ol ref={list}>
          {lines.map((line, row) => (
            <li key={`${line.text} ${row}`} class={row === at ? 'is-current' : undefined}>
              <button type="button" class="plain" aria-current={row === at} onClick={() => onGo(row)}>
                <span class="changes">
                  <ChangeLine line={line} as="span" />
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
      <p class="quiet">
        <kbd>n</kbd> next <kbd>p</kbd> before
      </p>
    </section>
  );
}

interface Told {
  readonly place: string;
  readonly before: string;
  readonly after: string;
}

/** A change in three columns. What a line says in one is taken apart by the row of its box, which has both values. */
function toldOf({ text, kind, label = text, before, after, place }: ReportLine, { panels }: Drawing): Told {
  if (kind !== 'change')
    return { place: text.replace(/^[+-] /, ''), before: '', after: kind === 'add' ? 'added' : 'removed' };
  if (before !== undefined && after !== undefined) return { place: label, before, after };
  const box = panels.find(({ scope }) => scope === place?.scope)?.boxes.find(({ key }) => key === place?.node);
  for (const { name, from, to, plain } of box?.rows ?? []) {
    const at = plain ? -1 : Math.max(text.indexOf(`: ${name} `), text.indexOf(`: ${name}: `));
    if (at >= 0)
      return { place: text.slice(0, at + 2 + name.length), before: from ?? 'nothing', after: to ?? 'nothing' };
  }
  return { place: text, before: '', after: '' };
}
