import type { ConfirmWatch, ExpConfirmOutput } from '../../src/porcelain/exp-confirm.ts';
import type { OptimizeOutput } from '../../src/porcelain/optimize.ts';
import { confirmedLines } from '../../src/porcelain/study-view.ts';
import type { Io } from '../io.ts';
import type { StopSignals } from '../run-flags.ts';
import { count } from './commits.ts';
import { safe } from './safe.ts';
import { shortNumber } from './study.ts';
import { printStyled } from './styled.ts';

/** Tells of the runs: a line for each, or a JSON document for each event with --jsonl. */
export function confirmWatch(io: Io, { signal, quit }: StopSignals): ConfirmWatch {
  const isLines = io.mode === 'jsonl';
  const event = (kind: string, more: object): void => {
    if (!isLines) return;
    io.json({ schema: 'cwf.exp.confirm.event/1', kind, ...more });
    // Whoever reads the events reads them as they come.
    void io.end();
  };
  let [done, all] = [0, 0];
  return {
    signal,
    quit,
    onReady({ study, wanted, left, runners }) {
      all = left;
      event('ready', { study, wanted, left, runners });
      const names = wanted.map((number) => (number === 0 ? 'the workflow as it is' : `trial ${number}`)).join(', ');
      if (!isLines) io.note(`${names}: ${count(left, 'run')} to make on ${runners.map(safe).join(', ')}`);
    },
    onRun: (trial, runner) => event('run', { trial, runner }),
    onDone(confirmation) {
      done++;
      event('done', { ...confirmation, trial: confirmation.number });
      if (isLines) return;
      const { number, values, reason = '' } = confirmation;
      const told = values ? values.map((value) => shortNumber(value)).join('  ') : `failed: ${safe(reason)}`;
      io.note(`${`${done}/${all}`.padStart(String(all).length * 2 + 1)}  trial ${String(number).padEnd(3)}  ${told}`);
    },
    onRemark(text) {
      event('remark', { text });
      if (!isLines) io.note(safe(text));
    },
  };
}

/** Prints the trials that were confirmed, best first. */
export function printConfirmed(io: Io, out: ExpConfirmOutput, study: OptimizeOutput): void {
  if (out.confirmed) printStyled(io, confirmedLines(study, io.columns));
  else io.print(`${safe(out.study)}: no trial of it was run under other seeds yet`);
}

/** Says what it comes to, and what can be done now. */
export function noteConfirmed(io: Io, { study, best, before, left }: ExpConfirmOutput): void {
  const name = safe(study);
  if (left > 0) io.note(`${count(left, 'run')} ${left === 1 ? 'is' : 'are'} left; go on: cwf exp confirm ${name}`);
  if (best === undefined) return;
  if (best === 0) io.note('nothing is better than the workflow as it is');
  else if (best === before) io.note(`trial ${best} stays the best`);
  else io.note(`trial ${best} is the best now; trial ${before} looked better under the seeds of the study`);
  if (best !== 0) io.note(`take it: cwf exp apply ${name}/${best}`);
}
