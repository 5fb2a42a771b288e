import { diffWords, sameShare, type WordRun } from '../../src/base/diff-words.ts';
import type { ReportLine } from '../../src/porcelain/report.ts';
import type { Io } from '../io.ts';
import { clip, safe } from './safe.ts';

/** Unchanged text kept on each side of a change. */
const CONTEXT = 24;
/** Most places shown of one text. */
const PLACES = 6;
/** Most of one replaced piece. */
const PIECE = 200;

/** Prints how a long text changed: place by place, or both versions, from where they differ, when little of it is left. */
export function printTextChange(io: Io, change: ReportLine, margin: string): void {
  const { before = '', after = '' } = change;
  io.print(`${margin}${safe(change.label ?? change.text)}`);
  const runs = diffWords(before, after);
  const room = Math.max(io.columns, 60) - margin.length - 4;
  if (sameShare(runs) < 0.5) {
    const skipped = runs[0]?.kind === 'same' ? Math.max(0, runs[0].text.length - CONTEXT) : 0;
    const line = (text: string): string => clip(skipped === 0 ? text : `... ${text.slice(skipped)}`, room);
    io.print(`${margin}  ${io.color.red(`- ${line(before)}`)}`);
    io.print(`${margin}  ${io.color.green(`+ ${line(after)}`)}`);
    return;
  }
  const places = split(runs);
  for (const place of places.slice(0, PLACES)) io.print(`${margin}  ${place.map((run) => paint(io, run)).join('')}`);
  if (places.length > PLACES) io.print(io.color.dim(`${margin}  ... and ${places.length - PLACES} more places`));
}

/** Cuts the runs where a long stretch is the same. */
function split(runs: readonly WordRun[]): WordRun[][] {
  const places: WordRun[][] = [[]];
  runs.forEach(({ kind, text }, i) => {
    const [first, last] = [i === 0, i === runs.length - 1];
    const place = places.at(-1)!;
    if (kind !== 'same' || text.length <= CONTEXT * (first || last ? 1 : 2) + 3) place.push({ kind, text });
    else {
      if (!first) place.push({ kind, text: `${text.slice(0, CONTEXT).trimEnd()} ...` });
      if (!first && !last) places.push([]);
      if (!last) places.at(-1)!.push({ kind, text: `... ${text.slice(-CONTEXT).trimStart()}` });
    }
  });
  return places;
}

/** `[-old-]{+new+}`, as git does, where there is no colour. */
function paint({ color }: Io, { kind, text }: WordRun): string {
  const colored = color.red('x') !== 'x';
  const piece = clip(text, PIECE);
  if (kind === 'same') return piece;
  if (kind === 'old') return colored ? color.red(piece) : `[-${piece}-]`;
  return colored ? color.green(piece) : `{+${piece}+}`;
}
