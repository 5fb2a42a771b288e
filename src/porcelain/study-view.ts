import type { JsonObject } from '../base/json.ts';
import type { StyledLine } from '../base/styled-text.ts';
import { asMinimised } from '../plan/optimize/front.ts';
import type { PlottedStudy } from '../plan/optimize/plots/study.ts';
import { terminalLeaderboard, terminalPareto } from '../plan/optimize/plots/terminal.ts';
import { type LiveStudy, terminalBoard } from '../plan/optimize/plots/terminal-board.ts';
import { bestTrials } from '../plan/optimize/results/best.ts';
import { leaderboard } from '../plan/optimize/results/leaderboard.ts';
import { type Limit, PREFERENCE, type StudyDefinition } from '../plan/optimize/study/definition.ts';
import { climbingIn, spentIn } from '../plan/optimize/study/ladder.ts';
import { isByPreference, waitingTrials } from '../plan/optimize/study/preference.ts';
import { historyOf, type StudyState } from '../plan/optimize/study/state.ts';
import { isWeighted } from '../plan/optimize/study/utility.ts';
import type { OptimizeOutput } from './optimize.ts';

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

/**
 * The number of the trial to take: the best, of several objectives the one of the front that is nearest to the best of each,
 * from the worst to the best of the front. Undefined while there is none.
 */
export function recommendedNumber(out: Pick<OptimizeOutput, 'definition' | 'space' | 'state'>): number | undefined {
  const history = historyOf(out.definition, out.space, out.state);
  const front = bestTrials(history).map(({ number, values = [] }) => ({
    number,
    losses: asMinimised(values, history.directions),
  }));
  const ends = history.directions.map((_, j) => {
    const all = front.map(({ losses }) => losses[j]!);
    return [Math.min(...all), Math.max(...all)] as const;
  });
  const off = (losses: readonly number[]): number =>
    losses.reduce((sum, loss, j) => sum + ((loss - ends[j]![0]) / (ends[j]![1] - ends[j]![0] || 1)) ** 2, 0);
  return front.sort((a, b) => off(a.losses) - off(b.losses) || a.number - b.number)[0]?.number;
}

/** A study for a terminal: its leaderboard, of two objectives its front. */
export function studyLines(out: OptimizeOutput, columns: number): StyledLine[] {
  const study = plottedStudy(out);
  const board = terminalLeaderboard(study, { columns }, ROWS);
  const isFlat = study.directions.length === 2 && out.state.records.length > 2;
  return isFlat ? [...board, [], ...terminalPareto(study, { columns, rows: FRONT_ROWS })] : board;
}
