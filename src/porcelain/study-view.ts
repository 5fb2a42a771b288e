import type { JsonObject } from '../base/json.ts';
import type { StyledLine } from '../base/styled-text.ts';
import { asMinimised } from '../plan/optimize/front.ts';
import type { PlottedStudy } from '../plan/optimize/plots/study.ts';
import { terminalLeaderboard, terminalPareto } from '../plan/optimize/plots/terminal.ts';
import { type LiveStudy, terminalBoard } from '../plan/optimize/plots/terminal-board.ts';
import { bestTrials } from '../plan/optimize/results/best.ts';
import { leaderboard } from '../plan/optimize/results/leaderboard.ts';
import { PREFERENCE } from '../plan/optimize/study/definition.ts';
import { isByPreference, waitingTrials } from '../plan/optimize/study/preference.ts';
import { historyOf } from '../plan/optimize/study/state.ts';
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
    objectives: definition.objectives.map(({ name }) => name),
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
  const rows = new Map(leaderboard(plottedStudy(out), out.point).map((row) => [row.trial.number, row]));
  const trials = state.records.map((record) => {
    const { study: _study, open: _open, ...told } = record;
    const row = rows.get(record.number);
    // What people prefer is not what stood there when the trial ended.
    const rest = row && isByPreference(objectives) ? { ...told, values: row.values } : told;
    const commit = commits.get(record.number);
    return { ...rest, ...(commit ? { commit } : {}), ...(row ? { rank: row.rank, best: row.isBest } : {}) };
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
    trials: trials.sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || a.number - b.number),
  } as unknown as JsonObject;
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
