import type { OptimizeOutput, StudyPlan, StudyWatch } from '../../src/porcelain/optimize.ts';
import {
  bestNumbers,
  isJudged,
  limitText,
  recommendedNumber,
  spentText,
  studyLines,
  studyOutline,
  unseenTrials,
} from '../../src/porcelain/study-view.ts';
import type { Io } from '../io.ts';
import type { StopSignals } from '../run-flags.ts';
import { count } from './commits.ts';
import { safe } from './safe.ts';
import { printStyled } from './styled.ts';

type Told = Parameters<NonNullable<StudyWatch['onDone']>>;

/** Tells the course of a study: a line for each trial, or a JSON document for each event with --jsonl. */
export function studyWatch(io: Io, { signal, quit }: StopSignals): StudyWatch {
  const isLines = io.mode === 'jsonl';
  const event = (kind: string, more: object): void => {
    if (!isLines) return;
    io.json({ schema: 'cwf.optimize.event/1', kind, ...more });
    // Whoever reads the events reads them as they come.
    void io.end();
  };
  let plan: StudyPlan | undefined;
  return {
    signal,
    quit,
    onReady(ready) {
      plan = ready;
      const { definition, objectiveReason, runners } = ready;
      event('ready', { ...outlineOf(ready), runners });
      if (isLines) return;
      for (const line of planLines(ready, objectiveReason, runners)) io.note(line);
      if (definition.sources.length > 0)
        io.note(
          `warm start from ${definition.sources.map(({ study }) => safe(study)).join(', ')}; --cold begins without`,
        );
    },
    onTrial: ({ number, params }, runner) => event('trial', { trial: number, params, runner }),
    onDone(record, commit, state) {
      const { open: _open, ...rest } = record;
      event('done', { ...rest, trial: record.number, commit });
      if (!isLines && plan) io.note(trialLine(plan, [record, commit, state]));
    },
    onWait(trials) {
      event('waiting', { trials });
      if (!isLines && plan) io.note(waitLine(plan.definition.name, trials));
    },
    onRemark(text) {
      event('remark', { text });
      if (!isLines) io.note(safe(text));
    },
  };
}

/** Prints a study: its leaderboard, of two objectives its front. */
export function printStudy(io: Io, out: OptimizeOutput): void {
  const { definition, status, reason, state } = out;
  const { color } = io;
  const trials = count(state.records.length, 'trial');
  io.print(`${color.bold(safe(definition.name))}  ${status}${reason === '' ? '' : `: ${safe(reason)}`}  (${trials})`);
  printStyled(io, studyLines(out, io.columns));
}

/** `5 trials wait for your eye: cwf rank portrait-1`. */
export function waitLine(name: string, trials: number): string {
  return `${count(trials, 'trial')} ${trials === 1 ? 'waits' : 'wait'} for your eye: cwf rank ${safe(name)}`;
}

/** Says what can be done with the best trial. */
export function noteBest(io: Io, out: OptimizeOutput, isLuckPossible: boolean): void {
  const best = recommendedNumber(out);
  const { name, budget } = out.definition;
  if (out.status === 'stopped') io.note(`go on: cwf exp resume ${safe(name)}`);
  else if (out.status === 'finished' && out.state.records.length >= budget)
    io.note(`more trials: cwf exp resume ${safe(name)} --budget ${budget * 2}`);
  const unseen = unseenTrials(out);
  if (unseen > 0) io.note(waitLine(name, unseen));
  if (best === undefined) return;
  if (isLuckPossible) io.note(`was it the seed? cwf exp confirm ${safe(name)}`);
  io.note(`take one: cwf exp apply ${safe(name)}/${best}   look at it: cwf show trial/${safe(name)}/${best}`);
}

/** The study as the JSON of a command. */
export function studyJson(out: OptimizeOutput): object {
  return studyOutline(out);
}

function outlineOf({ definition, space }: StudyPlan): object {
  const { name, file, base, objectives, limits, sampler, samplerReason, seed, budget, sources } = definition;
  const known = sources.map(({ study }) => study);
  const { parameters } = space;
  return {
    study: name,
    file,
    base,
    objectives,
    limits,
    parameters,
    sampler,
    samplerReason,
    seed,
    budget,
    sources: known,
  };
}

/** What is about to be done. */
export function planLines({ definition, space }: StudyPlan, why: string, runners: readonly string[]): string[] {
  const { name, file, base, objectives, limits, sampler, samplerReason, budget, money } = definition;
  const goals = objectives.map((one) => `${safe(one.name)} (${one.direction}${weightText(one.weight)})`).join(', ');
  const held = limits.map((one) => `, ${safe(limitText(one))}`).join('');
  const names = space.parameters.map((one) => safe(one.name)).join(', ');
  const most = `up to ${count(budget, 'trial')}${definition.fidelity ? ' worth of runs' : ''}`;
  return [
    `study ${name}: ${safe(file)} of ${base.slice(0, 8)}, ${most} on ${runners.map(safe).join(', ')}${runsText(definition)}`,
    `for ${goals}${held}${why === '' || why === 'as asked' ? '' : `: ${why}`}`,
    `over ${names}; sampler ${sampler}: ${samplerReason}`,
    ...(money ? [`money: at most ${money.most}, ${money.perRun} for each run`] : []),
  ];
}

function weightText(weight: number | undefined): string {
  return weight === undefined ? '' : `, weight ${weight}`;
}

/** How often a trial runs, and what decides on that. */
function runsText({ repeats, pruner, fidelity }: StudyPlan['definition']): string {
  const runs = repeats > 1 ? `, ${repeats} runs each` : '';
  if (fidelity) {
    const unit = fidelity.kind === 'images' ? 'images' : `% of ${fidelity.kind === 'steps' ? 'steps' : 'pixels'}`;
    return `${runs}, ${pruner} gives the best ones more: ${fidelity.rungs.join(', ')} ${unit}`;
  }
  return `${runs}${pruner ? `, ${pruner} decides between them` : ''}`;
}

function trialLine({ definition, space }: StudyPlan, [record, commit, state]: Told): string {
  const { objectives } = definition;
  const isBest = bestNumbers({ definition, space, state }).includes(record.number);
  // Nobody can have seen it before it ended.
  const textOf = (name: string, i: number): string =>
    isJudged(name) ? 'not seen yet' : shortNumber(record.values?.[i]);
  const values = objectives.map(({ name }, i) => `${safe(name)} ${textOf(name, i)}`).join('  ');
  const told =
    record.state === 'COMPLETE'
      ? values
      : record.state === 'FAIL'
        ? `failed: ${safe(record.reason ?? '')}`
        : `stopped at ${record.intermediate?.at(-1)?.step ?? 0}`;
  const params = Object.entries(record.params).map(([name, value]) => `${safe(name)}=${shortValue(value)}`);
  const same = record.copies === undefined ? '' : ` (as trial ${record.copies}, not run again)`;
  const at = spentText(definition, state);
  return `trial ${String(record.number).padEnd(3)} ${at}  ${commit.slice(0, 8)}  ${told}${isBest ? ' *' : ''}${same}  ${params.join(' ')}`;
}

/** A measured number in few digits. */
export function shortNumber(value: number | undefined): string {
  return value === undefined ? 'none' : String(Number(value.toPrecision(6)));
}

function shortValue(value: string | number | boolean): string {
  return typeof value === 'number' ? shortNumber(value) : safe(String(value));
}
