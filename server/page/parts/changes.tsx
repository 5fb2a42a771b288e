import type { FileReport, ReportLine } from '../../../src/porcelain/report.ts';

const SIGNS = { add: ['added', '+'], remove: ['removed', '−'], change: ['changed', '~'] } as const;

/** What changed, file by file, in the words of `cwf diff`. What only moves nodes about is told as a count. */
export function Changes({ files }: { readonly files: readonly FileReport[] }) {
  if (files.length === 0) return <p class="quiet">No workflow changed.</p>;
  return (
    <>
      {files.map(({ file, kind, from, lines }) => {
        const graph = lines.filter(({ presentation }) => !presentation);
        const layout = lines.length - graph.length;
        return (
          <section key={file} class="changes">
            <h3>
              {from === undefined ? file : `${from} → ${file}`}
              {kind !== 'changed' && <span class="badge">{kind}</span>}
            </h3>
            <ul>
              {graph.map((line, at) => (
                <ChangeLine key={at} line={line} />
              ))}
              {layout > 0 && <li class="quiet">{layout} of the layout alone</li>}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function ChangeLine({ line: { kind, text, label, before, after, note } }: { readonly line: ReportLine }) {
  const [name, sign] = SIGNS[kind];
  const isLong = before !== undefined && after !== undefined;
  return (
    <li class={name}>
      <b aria-hidden="true">{sign}</b>
      <span class="hidden">{name}: </span>
      {isLong ? (label ?? '') : text}
      {note !== undefined && <span class="quiet"> ({note})</span>}
      {isLong && (
        <div class="texts">
          <del>{before}</del>
          <ins>{after}</ins>
        </div>
      )}
    </li>
  );
}
