import { diffWords } from '../../../src/base/diff-words.ts';
import type { FileReport, ReportLine } from '../../../src/porcelain/report.ts';

const SIGNS = { add: ['added', '+'], remove: ['removed', '−'], change: ['changed', '~'] } as const;

/** Words on either side of a change that are shown. */
const CONTEXT = 12;

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

/** One change in words, with its sign. */
export function ChangeLine({
  line: { kind, text, label, before, after, note },
  as: Tag = 'li',
}: {
  readonly line: ReportLine;
  /** What it stands in. */
  readonly as?: 'li' | 'span';
}) {
  const [name, sign] = SIGNS[kind];
  const isLong = before !== undefined && after !== undefined;
  return (
    <Tag class={`change ${name}`}>
      <b aria-hidden="true">{sign}</b>
      <span class="hidden">{name}: </span>
      {isLong ? (label ?? '') : text.replace(/^[+-] /, '')}
      {note !== undefined && <span class="quiet"> ({note})</span>}
      {isLong && <TextChange before={before} after={after} />}
    </Tag>
  );
}

/** Two versions of a long text as one: words that went and came are marked, far from them what stayed is left out. */
export function TextChange({ before, after }: { readonly before: string; readonly after: string }) {
  const runs = diffWords(before, after);
  return (
    <span class="text-change">
      {runs.map(({ kind, text }, at) => {
        if (kind === 'old') return <del>{text}</del>;
        if (kind === 'new') return <ins>{text}</ins>;
        return <span>{shortened(text, at === 0, at === runs.length - 1)}</span>;
      })}
    </span>
  );
}

function shortened(text: string, isFirst: boolean, isLast: boolean): string {
  const words = text.split(/(?<=\s)/);
  const [head, tail] = [isFirst ? 0 : CONTEXT, isLast ? 0 : CONTEXT];
  if (words.length <= head + tail + 4) return text;
  return `${words.slice(0, head).join('')}… ${words.slice(words.length - tail).join('')}`;
}
