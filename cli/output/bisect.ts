import type { BisectOutput, Named } from '../../src/porcelain/bisect.ts';
import type { BisectRunOutput } from '../../src/porcelain/bisect-run.ts';
import type { WithinOutput } from '../../src/porcelain/bisect-within.ts';
import type { Io } from '../io.ts';
import { count, short } from './commits.ts';
import { safe } from './safe.ts';

/** Prints where a bisection stands: what to test next, or what was found. */
export function printBisect(io: Io, out: BisectOutput): void {
  const { color } = io;
  switch (out.kind) {
    case 'waiting':
      io.print(
        `Waiting for ${out.missing === undefined ? 'a bad and a good commit' : `a ${safe(out.missing)} commit`}`,
      );
      break;
    case 'test':
      if (out.mergeBase) io.print('The good commit is not an ancestor of the bad one: testing where they parted');
      io.print(
        `Test ${nameOf(io, out.commit!)}  ${color.dim(`${count(out.remaining ?? 0, 'commit')} left, about ${count(out.steps ?? 0, 'step')}`)}`,
      );
      io.print(color.dim('then: cwf bisect good | bad | skip'));
      break;
    case 'found':
      io.print(`${color.red('First bad commit:')} ${nameOf(io, out.commit!)}`);
      break;
    case 'only-skipped':
      io.print('Only skipped commits are left; the first bad one is among these:');
      for (const commit of out.candidates ?? []) io.print(`  ${nameOf(io, commit)}`);
  }
}

/** Prints what was measured of the first bad commit, and of the last good one before it. */
export function printNumbers({ print, color }: Io, { result, tests }: BisectRunOutput, metric: string): void {
  const bad = tests.find(({ oid }) => oid === result.commit?.oid);
  if (result.kind !== 'found' || bad?.value === undefined) return;
  const good = tests.findLast(({ mark, value }) => mark === 'good' && value !== undefined);
  const before = good === undefined ? '' : `, ${number(good.value!)} in ${short(good.oid)}`;
  print(color.dim(`${safe(metric)} ${number(bad.value)}${before}`));
}

/** Prints the smallest set of edits that makes a commit bad. */
export function printWithin(io: Io, out: WithinOutput): void {
  const { color } = io;
  if (out.kind === 'not-bad') io.print(`${nameOf(io, out.commit)} is not bad by this test`);
  else if (out.kind === 'bad-before') io.print(`${nameOf(io, out.commit)}: it was bad before this commit`);
  else {
    io.print(
      `${color.bold(`${out.edits.length} of ${count(out.of, 'edit')}`)} ${out.edits.length === 1 ? 'makes' : 'make'} it bad:`,
    );
    for (const { file, text } of out.edits) io.print(`  ${color.dim(safe(file))}  ${color.red(safe(text))}`);
  }
  io.print(color.dim(`found with ${count(out.tests, 'test')}`));
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function nameOf({ color }: Io, { oid, subject }: Named): string {
  return `${color.yellow(short(oid))} ${safe(subject)}`;
}
