import type { ExpCompareOutput, ExpExplainOutput, ListedStudy } from '../../src/porcelain/exp.ts';
import type { Io } from '../io.ts';
import { safe } from './safe.ts';
import { shortNumber } from './study.ts';

/** Prints a line for each study. */
export function printStudies(io: Io, studies: readonly ListedStudy[]): void {
  const { color } = io;
  if (studies.length === 0) {
    io.note('no study yet; cwf optimize <workflow> begins one');
    return;
  }
  if (io.mode === 'porcelain') {
    for (const { name, status, trials, budget, file } of studies)
      io.print([name, status, trials, budget, safe(file)].join('\t'));
    return;
  }
  const width = Math.max(...studies.map(({ name }) => name.length));
  for (const { name, status, reason, trials, budget, file, objectives, best } of studies) {
    const why = reason === '' ? '' : `: ${safe(reason)}`;
    io.print(
      `${color.bold(safe(name).padEnd(width))}  ${trials}/${budget}  ${safe(file)}  ${color.dim(`${status}${why}`)}`,
    );
    const values = objectives.map(({ name: what }, i) => `${safe(what)} ${shortNumber(best?.values[i])}`);
    if (best) io.print(`${' '.repeat(width)}  best: trial ${best.trial}  ${values.join('  ')}`);
  }
}

/** Prints two trials beside each other. */
export function printComparison(io: Io, { study, objectives, a, b, differences }: ExpCompareOutput): void {
  const cell = (value: string | number | boolean | undefined): string =>
    value === undefined ? 'none' : typeof value === 'number' ? shortNumber(value) : safe(String(value));
  const rows = [
    [safe(study), `trial ${a.number}`, `trial ${b.number}`],
    ['state', a.state.toLowerCase(), b.state.toLowerCase()],
    ...objectives.map(({ name }, i) => [safe(name), cell(a.values?.[i]), cell(b.values?.[i])]),
    ...differences.map(({ name, from, to }) => [safe(name), cell(from), cell(to)]),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  for (const [at, row] of rows.entries()) {
    const line = row.map((text, i) => (i === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[i]!))).join('  ');
    io.print(at === 0 ? io.color.bold(line) : line);
  }
  if (differences.length === 0) io.print('no parameter differs');
}

/** Prints why the best trials are good. */
export function printWhy(io: Io, { study, parts }: ExpExplainOutput): void {
  for (const [at, { objective, why }] of parts.entries()) {
    if (at > 0) io.print();
    if (!why) {
      io.print(`${safe(objective)}: nothing to explain before the base and another trial are measured`);
      continue;
    }
    io.print(io.color.bold(`${safe(objective)}: trial ${why.explanation.winner} of ${safe(study)}`));
    const lines = why.lines.map(([change, effect, verdict]) => [safe(change), safe(effect), verdict] as const);
    const width = Math.max(0, ...lines.map(([change]) => change.length));
    for (const [change, effect, verdict] of lines)
      io.print(`  ${change.padEnd(width)}  ${io.color.dim(verdict)}${effect === '' ? '' : `  ${effect}`}`);
    if (lines.length === 0) io.print(`  nothing is better than the base`);
    for (const remark of why.remarks) io.print(safe(remark));
  }
}
