import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReportLine } from '../../../src/porcelain/report.ts';
import { ChangeLine } from '../parts/changes.tsx';
import { DataTable } from '../parts/table.tsx';
import type { Compared } from './compared.ts';

/** All changes of a file in words: as a list to step through, or as a table to sort and to keep. */
export function ChangeList({
  file: { file, lines, kind },
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
            { name: 'node', cell: nodeOf, value: nodeOf },
            { name: 'change', cell: wordsOf, value: wordsOf },
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

function nodeOf({ place }: ReportLine): string {
  return place === undefined ? '' : place.scope === undefined ? place.node : `${place.scope}/${place.node}`;
}

function wordsOf({ text, label, before, after }: ReportLine): string {
  return before === undefined || after === undefined ? text : `${label ?? ''} ${before} -> ${after}`;
}
