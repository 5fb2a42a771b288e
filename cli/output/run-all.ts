import type { RunAllEntry, RunAllOutput } from '../../src/porcelain/run-all.ts';
import type { WantedMetrics } from '../../src/porcelain/run-measure.ts';
import type { Io } from '../io.ts';
import { count, short } from './commits.ts';
import { seconds } from './run.ts';
import { clip, pad, safe, width } from './safe.ts';

/** Metrics of the table when none was named. */
const USUAL = ['laplacian-variance', 'noise-sigma', 'luma-mean'];
const MOST_NAME = 32;

/** One commit of `cwf run --all` as JSON. */
export function allJson({ run, error, ...entry }: RunAllEntry): object {
  const told = error && { error: { ...error.toJSON().error, message: error.message } };
  return { ...entry, ...(run ? { recorded: run.recorded } : {}), ...told };
}

/** `12345678 trial/a: finished on desk in 3.1 s`. */
export function doneLine(entry: RunAllEntry): string {
  const { note } = entry;
  const what = note ? `${note.kind} on ${safe(note.runner)} in ${seconds(note.ran ?? note.took)}` : entry.kind;
  return `${short(entry.commit)} ${clip(entry.name, MOST_NAME)}: ${what}`;
}

/** Prints what became of each commit, with the metrics that were asked for, and the errors below. */
export function printAll(io: Io, { entries }: RunAllOutput, wanted: WantedMetrics = 'all'): void {
  const names = wanted === 'all' ? USUAL : wanted === 'none' ? [] : wanted;
  if (io.mode === 'porcelain') {
    for (const entry of entries) {
      const numbers = names.map((name) => numberOf(entry, name) ?? '');
      io.print([entry.commit, safe(entry.name), endOf(entry), ...numbers].join('\t'));
    }
    return;
  }
  const rows = entries.map((entry) => [
    io.color.yellow(short(entry.commit)),
    clip(entry.name === short(entry.commit) ? entry.subject : entry.name, MOST_NAME),
    endOf(entry),
    safe(entry.note?.runner ?? ''),
    entry.note ? seconds(entry.note.ran ?? entry.note.took) : '',
    ...names.map((name) => shown(numberOf(entry, name))),
  ]);
  const heads = ['commit  ', 'name', 'run', 'runner', 'time', ...names];
  const widths = heads.map((head, column) =>
    Math.max(width(head), ...rows.map((row) => (column === 0 ? 8 : width(row[column]!)))),
  );
  const line = (cells: readonly string[], first: string): string =>
    [
      first,
      ...cells
        .slice(1)
        .map((cell, at) => (at < 3 ? pad(cell, widths[at + 1]!) : ' '.repeat(widths[at + 1]! - width(cell)) + cell)),
    ].join('  ');
  io.print(io.color.dim(line(heads, heads[0]!)));
  for (const row of rows) io.print(line(row, row[0]!));
}

/** Tells the errors, and how many ended how, once the table is out. */
export function noteAll(io: Io, { entries }: RunAllOutput): void {
  for (const { commit, error } of entries) {
    if (!error) continue;
    io.note(`error: ${short(commit)}: ${safe(error.message)}`);
    io.note(`hint: ${safe(error.hint)}`);
  }
  io.note(summary(entries));
}

/** How it ended in a word. */
function endOf({ kind, note }: RunAllEntry): string {
  if (kind === 'ran') return note!.kind;
  return kind === 'waiting' ? 'not begun' : kind;
}

function summary(entries: readonly RunAllEntry[]): string {
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(endOf(entry), (counts.get(endOf(entry)) ?? 0) + 1);
  const parts = [...counts].map(([word, number]) => `${number} ${word}`).join(', ');
  const skipped = counts.has('done') ? '; done: a run of the same prompt is noted, --again runs it again' : '';
  return `${count(entries.length, 'commit')}: ${parts}${skipped}`;
}

function numberOf({ metrics }: RunAllEntry, name: string): number | undefined {
  return metrics && Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

function shown(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(6)));
}
