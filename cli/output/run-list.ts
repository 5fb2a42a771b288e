import type { ListedRun } from '../../src/porcelain/run-list.ts';
import type { ListedRunner } from '../../src/porcelain/runner-list.ts';
import type { Io } from '../io.ts';
import { count, short } from './commits.ts';
import { bytes } from './outputs.ts';
import { seconds } from './run.ts';
import { safe } from './safe.ts';
import { shortNumber } from './study.ts';

/** Prints a line for each run, and why it did not finish. */
export function printRuns(io: Io, runs: readonly ListedRun[]): void {
  const { color } = io;
  if (runs.length === 0) io.note('no run is noted here; cwf run makes one');
  for (const { run, commit, subject, time, runner, kind, file, outputs, error, took, ran, numbers } of runs) {
    const ids = outputs.map(({ id }) => id);
    if (io.mode === 'porcelain') {
      io.print([run, commit, time, kind, safe(runner), ran ?? took, safe(file), ids.join(',')].join('\t'));
      continue;
    }
    const word = kind === 'finished' ? color.green(kind) : color.red(kind);
    const told = Object.entries(numbers).map(([name, value]) => `${safe(name)} ${shortNumber(value)}`);
    const when = new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' ');
    io.print(
      `${color.yellow(short(commit))} ${when}  ${word} on ${safe(runner)} in ${seconds(ran ?? took)}, ${count(ids.length, 'output')}  ${safe(file)}  ${color.dim(safe(subject))}`,
    );
    if (error) io.print(`  ${safe(error.node === undefined ? error.message : `${error.node}: ${error.message}`)}`);
    else if (told.length > 0) io.print(`  ${color.dim(told.join('  '))}`);
  }
}

/** Prints a line for each runner. */
export function printRunners(io: Io, runners: readonly ListedRunner[]): void {
  const { color } = io;
  for (const { name, url = '', isUsual, error, queued, vramFree, devices = [], engine, classes } of runners) {
    if (io.mode === 'porcelain') {
      io.print(
        [name, url, error?.code ?? 'ready', queued ?? '', vramFree ?? '', engine ?? '', classes ?? ''].join('\t'),
      );
      continue;
    }
    const where = url === '' ? '' : `  ${color.dim(safe(url))}`;
    if (error) {
      io.print(`${color.bold(name)}${where}  ${color.red('unreachable')}`);
      io.print(`  ${safe(error.message)}`);
      io.print(`  ${color.dim(safe(error.hint))}`);
      continue;
    }
    const free = vramFree === undefined ? '' : `, ${bytes(vramFree)} free`;
    const usual = isUsual ? '' : ', only with --on';
    io.print(
      `${color.bold(name)}${where}  ${color.green('ready')}, ${count(queued ?? 0, 'prompt')} in its queue${free}${usual}`,
    );
    const parts = [
      engine && `ComfyUI ${engine}`,
      classes !== undefined && count(classes, 'node class', 'node classes'),
      ...devices.map((one) => `${one.name}${one.vramTotal === undefined ? '' : ` (${bytes(one.vramTotal)})`}`),
    ];
    io.print(
      `  ${color.dim(
        parts
          .filter(Boolean)
          .map((part) => safe(String(part)))
          .join(', '),
      )}`,
    );
  }
}
