/**
 * What the models know of what cannot be run: one model for each measured constraint, and one for crashes, which say yes
 * or no and nothing more. A crash always enters: left out, the region where everything fails stays unknown and
 * attractive (Gardner et al., "Bayesian optimization with inequality constraints", ICML 2014).
 */

import { logChanceBelow, type Score } from './acquisition.ts';
import type { Evidence } from './evidence.ts';
import { fitModel, type Model } from './model.ts';

export interface Feasibility {
  readonly models: readonly Model[];
  /** Chances in the order of `models`, when those stand from `index` on among all models. */
  scores(index: number): readonly Score[];
}

export function feasibilityOf({ outcomes, crashed }: Evidence, categories: readonly boolean[]): Feasibility {
  const models: Model[] = [];
  if (crashed.length > 0) {
    const points = [...outcomes.map(({ point }) => point), ...crashed];
    models.push(fitModel({ points, values: points.map((_, i) => (i < outcomes.length ? -1 : 1)) }, categories));
  }
  const measured = outcomes.filter(({ constraints }) => constraints?.every(Number.isFinite));
  const count = Math.max(0, ...measured.map(({ constraints }) => constraints!.length));
  for (let c = 0; c < count; c++) {
    const having = measured.filter(({ constraints }) => constraints!.length > c);
    models.push(
      fitModel(
        { points: having.map(({ point }) => point), values: having.map(({ constraints }) => constraints![c]!) },
        categories,
      ),
    );
  }
  return {
    models,
    scores: (index) => models.map(({ mean, deviation }, i) => logChanceBelow(-mean / deviation, index + i)),
  };
}
