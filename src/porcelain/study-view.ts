import type { JsonObject } from '../base/json.ts';
import type { PlottedStudy } from '../plan/optimize/plots/study.ts';
import { leaderboard } from '../plan/optimize/results/leaderboard.ts';
import { historyOf } from '../plan/optimize/study/state.ts';
import type { OptimizeOutput } from './optimize.ts';

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
    const { study: _study, open: _open, ...rest } = record;
    const row = rows.get(record.number);
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
