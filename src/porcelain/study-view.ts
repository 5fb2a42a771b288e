import type { JsonObject } from '../base/json.ts';
import type { StyledLine } from '../base/styled-text.ts';
import { verdict } from '../plan/optimize/plots/confirmed.ts';
import type { PlottedStudy } from '../plan/optimize/plots/study.ts';
import { terminalLeaderboard, terminalPareto } from '../plan/optimize/plots/terminal.ts';
import { type LiveStudy, terminalBoard } from '../plan/optimize/plots/terminal-board.ts';
import { terminalConfirmed } from '../plan/optimize/plots/terminal-confirmed.ts';
import { bestTrials } from '../plan/optimize/results/best.ts';
import {
  type ConfirmedStudy,
  type ConfirmedTrial,
  confirmedStudy,
  trialToTake,
} from '../plan/optimize/results/confirmed.ts';
import { leaderboard } from '../plan/optimize/results/leaderboard.ts';
import { type Limit, PREFERENCE, type StudyDefinition } from '../plan/optimize/study/definition.ts';
import { climbingIn, spentIn } from '../plan/optimize/study/ladder.ts';
import { isByPreference, waitingTrials } from '../plan/optimize/study/preference.ts';
import { historyOf, type StudyState } from '../plan/optimize/study/state.ts';
import { isWeighted } from '../plan/optimize/study/utility.ts';
import type { OptimizeOutput } from './optimize.ts';

/** What other seeds say of a study. */
export interface ConfirmedReport extends ConfirmedStudy {
  readonly trials: readonly (ConfirmedTrial & { readonly verdict: string })[];
}

/** Rows of a leaderboard and of a front that a terminal shows. */
const ROWS = 10;
const FRONT_ROWS = 12;

/** A study as plots, tables and explanations take it. */
export function plottedStudy({
  definition,
  space,
  point,
  state,
}: Pick<OptimizeOutput, 'definition' | 'space' | 'point' | 'state'>): PlottedStudy {
  const { created } = definition;
  return {
    ...historyOf(definition, space, state),
    name: definition.name,
    objectives: isWeighted(definition.objectives) ? ['utility'] : definition.objectives.map(({ name }) => name),
    ...(point ? { base: point } : {}),
    times: new Map(
      state.records.map(({ number, start, end }) => [number, { start: start - created, end: end - created }]),
    ),
  };
}

/** A study as JSON: its definition, how it stands, and its trials, best first. */
export function studyOutline(out: OptimizeOutput): JsonObject {
  const { definition, status, reason, state, commits } = out;
  const { name, file, base, objectives, limits, sampler, samplerReason, seed, budget, sources } = definition;
  const { repeats, pruner, fidelity, money } = definition;
  const rows = new Map(leaderboard(plottedStudy(out), out.point).map((row) => [row.trial.number, row]));
  const confirmed = confirmedReport(out);
  const best = trialToTake(definition, out.space, state);
  const trials = state.records.map((record) => {
    const { study: _study, open: _open, ...told } = record;
    const row = rows.get(record.number);
    // What people prefer is not what stood there when the trial ended.
    const rest = row && isByPreference(objectives) ? { ...told, values: row.values } : told;
    const commit = commits.get(record.number);
    const utility = row && isWeighted(objectives) ? { utility: row.values[0]! } : {};
    return {
      ...rest,
      ...(commit ? { commit } : {}),
      ...(row ? { rank: row.rank, best: row.isBest } : {}),
      ...utility,
    };
  });
  return {
    study: name,
    status,
    reason,
    file,
    base,
    objectives,
    limits,
    parameters: out.space.parameters,
    sampler,
    samplerReason,
    sources: sources.map(({ study }) => study),
    seed,
    budget,
    repeats,
    ...(pruner ? { pruner } : {}),
    ...(fidelity ? { fidelity } : {}),
    ...(money ? { money } : {}),
    ...(best === undefined ? {} : { recommended: best }),
    ...(confirmed ? { confirmed } : {}),
    trials: trials.sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || a.number - b.number),
  } as unknown as JsonObject;
}

/** A limit in words. */
export function limitText(limit: Limit): string {
  const [sign, value] = 'most' in limit ? ['at most', limit.most] : ['at least', limit.least];
  const unit = limit.name === 'latency' ? ' s' : limit.name === 'vram' || limit.name === 'file-size' ? ' bytes' : '';
  return `${limit.name} ${sign} ${value}${unit}`;
}

/** What of its budget a study has used, such as `7/40`: trials, or what so many whole ones cost. */
export function spentText(definition: StudyDefinition, state: StudyState): string {
  const { budget } = definition;
  const climbing = climbingIn(definition);
  if (!climbing) return `${state.records.length}/${budget}`.padStart(String(budget).length * 2 + 1);
  const spent = spentIn(definition, climbing, { ...state, open: [] }) / climbing.rungs.at(-1)!;
  return `${spent.toFixed(1)}/${budget}`.padStart(String(budget).length * 2 + 3);
}

/** Numbers of the best trials so far, of several objectives those of the front. */
export function bestNumbers(out: Pick<OptimizeOutput, 'definition' | 'space' | 'state'>): number[] {
  return bestTrials(historyOf(out.definition, out.space, out.state)).map(({ number }) => number);
}

/** Whether an objective is for people to say, not for a metric. */
export function isJudged(objective: string): boolean {
  return objective === PREFERENCE;
}

/** How many trials wait to be looked at, of a study that people judge. */
export function unseenTrials({ definition, state }: Pick<OptimizeOutput, 'definition' | 'state'>): number {
  return isByPreference(definition.objectives) ? waitingTrials(state).length : 0;
}

/** A running study for the rows of a terminal. */
export function liveLines(
  study: PlottedStudy,
  live: LiveStudy,
  size: { readonly columns: number; readonly rows: number },
): StyledLine[] {
  return terminalBoard(study, live, size);
}

/** The number of the trial to take, as `trialToTake` says. Undefined while there is none. */
export function recommendedNumber({
  definition,
  space,
  state,
}: Pick<OptimizeOutput, 'definition' | 'space' | 'state'>): number | undefined {
  return trialToTake(definition, space, state);
}

/** A study for a terminal: its leaderboard, of two objectives its front. */
export function studyLines(out: OptimizeOutput, columns: number): StyledLine[] {
  const study = plottedStudy(out);
  const board = terminalLeaderboard(study, { columns }, ROWS);
  const isFlat = study.directions.length === 2 && out.state.records.length > 2;
  const confirmed = confirmedLines(out, columns);
  return [
    ...board,
    ...(confirmed.length > 0
      ? [[], [{ text: 'under seeds that it did not have', tone: 'name' } as const], ...confirmed]
      : []),
    ...(isFlat ? [[], ...terminalPareto(study, { columns, rows: FRONT_ROWS })] : []),
  ];
}

/** What other seeds say of a study, with each trial's verdict in words; undefined where none was run. */
export function confirmedReport(
  out: Pick<OptimizeOutput, 'definition' | 'space' | 'point' | 'state'>,
): ConfirmedReport | undefined {
  const told = confirmedStudy(out.definition, out.space, out.state);
  const plotted = told && plottedStudy(out);
  return told && { ...told, trials: told.trials.map((one) => ({ ...one, verdict: verdict(one, plotted!) })) };
}

/** The trials of a study that were run under other seeds, for a terminal; none where there are none. */
export function confirmedLines(
  out: Pick<OptimizeOutput, 'definition' | 'space' | 'point' | 'state'>,
  columns: number,
): StyledLine[] {
  const told = confirmedStudy(out.definition, out.space, out.state);
  return told ? terminalConfirmed(plottedStudy(out), told, { columns }) : [];
}
