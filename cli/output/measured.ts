import type { MeasuredFile } from '../../src/porcelain/measure-files.ts';
import type { MetricRunOutput } from '../../src/porcelain/metric-run.ts';
import type { Io } from '../io.ts';
import { pad, safe, width } from './safe.ts';

/** Columns of a name of a file at most. */
const MOST_NAME = 28;
const GAP = 2;

/** Prints the table of numbers, then what could not be measured, the gates that failed and the files without any. */
export function printMeasured(io: Io, { metrics, files }: MetricRunOutput): void {
  const measured = files.filter(({ error }) => !error);
  const heads = ['', 'size', ...metrics.map(({ name }) => name)];
  const units = [
    '',
    'pixels',
    ...metrics.map(({ unit, direction }) => (direction === 'none' ? unit : `${unit}, ${direction}`)),
  ];
  const columns = measured.map((file) => {
    const cells = [nameOf(file.file), sizeOf(file), ...metrics.map(({ name }) => numberOf(file, name))];
    return { cells, width: Math.max(...cells.map(width)) };
  });
  const label = Math.max(...heads.map(width));
  const last = Math.max(...units.map(width));
  for (const block of blocks(columns, io.columns - label - GAP - last)) {
    heads.forEach((head, row) => {
      const cells = block.map(
        ({ cells, width: most }) => `${' '.repeat(GAP + most - width(cells[row]!))}${cells[row]}`,
      );
      const line = `${pad(head, label)}${cells.join('')}`;
      io.print(row === 0 ? io.color.dim(line) : `${line}${' '.repeat(GAP)}${io.color.dim(units[row]!)}`);
    });
  }
  for (const line of lacks(files)) io.print(line);
  for (const { file, gates } of files) {
    for (const { gate, reason } of gates) io.print(`gate: ${safe(file)}: ${gate}: ${safe(reason)}`);
  }
  for (const { error } of files) {
    if (!error) continue;
    io.note(`error: ${safe(error.message)}`);
    io.note(`hint: ${safe(error.hint)}`);
  }
}

/** Lines `file metric value` with tabs between, the value empty where there is none. */
export function scriptLines({ files }: MetricRunOutput): readonly string[] {
  return files.flatMap(({ file, measurements }) =>
    measurements.map((one) => [safe(file), one.name, one.kind === 'value' ? one.value : ''].join('\t')),
  );
}

/** The end of a long name: there files of one folder differ. */
function nameOf(file: string): string {
  let name = [...safe(file)];
  if (width(name.join('')) <= MOST_NAME) return name.join('');
  while (width(name.join('')) >= MOST_NAME) name = name.slice(1);
  return `…${name.join('')}`;
}

function sizeOf({ facts, frames, type }: MeasuredFile): string {
  if (!facts) return '-';
  const size = `${facts.width}x${facts.height}`;
  return frames > 1 ? `${size} x ${frames}` : `${size} ${type}`;
}

function numberOf({ measurements }: MeasuredFile, wanted: string): string {
  const found = measurements.find(({ name }) => name === wanted);
  return found?.kind === 'value' ? String(Number(found.value.toPrecision(6))) : '-';
}

/** As many columns beside one another as fit; at least one. */
function blocks<T extends { readonly width: number }>(columns: readonly T[], room: number): readonly (readonly T[])[] {
  const all: T[][] = [];
  let left = 0;
  for (const column of columns) {
    const needed = column.width + GAP;
    if (all.length === 0 || needed > left) {
      all.push([]);
      left = room;
    }
    all.at(-1)!.push(column);
    left -= needed;
  }
  return all;
}

/** Why metrics have no number; one line for each reason, with the metrics and files it holds for. */
function lacks(files: readonly MeasuredFile[]): readonly string[] {
  const read = files.filter(({ error }) => !error);
  const byReason = new Map<string, { metrics: Set<string>; files: Set<string> }>();
  for (const { file, measurements } of read) {
    for (const one of measurements) {
      if (one.kind === 'value') continue;
      const why = `${one.reason}. ${one.hint}`;
      const known = byReason.get(why) ?? { metrics: new Set(), files: new Set() };
      known.metrics.add(one.name);
      known.files.add(file);
      byReason.set(why, known);
    }
  }
  return [...byReason].map(([why, lack]) => {
    const whose = lack.files.size === read.length ? '' : ` of ${[...lack.files].map(safe).join(', ')}`;
    return `unavailable: ${[...lack.metrics].join(', ')}${whose}: ${safe(why)}`;
  });
}
