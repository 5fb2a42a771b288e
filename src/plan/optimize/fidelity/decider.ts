/**
 * What a study with a fidelity does next: starts a trial at the lowest rung, or takes one up again. A stopped trial is
 * PRUNED and has what it reported; RUNNING ones are left alone.
 *
 * Two kinds of fidelity are real in ComfyUI. `images`: a trial is the mean over prompts or seeds, each report is one
 * image's value (`step` counts images from 1), and more images only lessen the noise. `resolution` and `steps`: each
 * report is the whole value at a cheaper setting (`step` is the rung), near the true one but not equal; the model has one
 * more dimension for it and asks what holds at the top.
 */

import { evidenceOf, isFeasible, isLadder } from '../gp/evidence.ts';
import { objectiveModel } from '../gp/objective-model.ts';
import { gridOf } from '../gp/points.ts';
import { gpSampler } from '../gp/sampler.ts';
import type { NextTrial } from '../pruner.ts';
import type { Rng } from '../rng.ts';
import type { Fidelity, History } from '../sampler.ts';
import type { Params } from '../space.ts';
import { type Climber, promotion } from './promotion.ts';

/** `step`: how far the trial goes, in the unit of the rungs. */
export type Next =
  | { readonly kind: 'start'; readonly params: Params; readonly step: number }
  | { readonly kind: 'promote'; readonly trial: number; readonly step: number };

/** For one objective. Throws nothing: with no reports yet it starts trials all over the space. */
export function nextStep(history: History, fidelity: Fidelity, rng: Rng): Next {
  const due = promotionDue(history, fidelity);
  if (due?.kind === 'promote') return due;
  const params = gpSampler().suggest({ ...history, fidelity }, rng);
  return { kind: 'start', params, step: fidelity.rungs[0]! };
}

/** The trial that is taken up again, and how far it goes then; undefined where a new one should start. [GP-13] */
export function promotionDue(history: History, fidelity: Fidelity): NextTrial | undefined {
  const found = promotion(fidelity, climbersOf(history, fidelity));
  return found && { kind: 'promote', trial: found[0], step: fidelity.rungs[found[1]]! };
}

/**
 * The number of the best trial: by the model's mean at the top, among the trials of the highest rung that anybody
 * reached (and of the one below while those are fewer than three). Undefined before the first report.
 */
export function recommendedAt(history: History, fidelity: Fidelity): number | undefined {
  const grid = gridOf(history.space);
  const { outcomes } = evidenceOf({ ...history, fidelity }, grid);
  const rungs = new Map(climbersOf(history, fidelity).map(({ trial, rung }) => [trial, rung]));
  const seen = outcomes.filter(isFeasible).map((one) => ({ ...one, rung: rungs.get(one.number) ?? -1 }));
  if (seen.length === 0) return undefined;
  const top = Math.max(...seen.map(({ rung }) => rung));
  const deep = seen.filter(({ rung }) => rung === top);
  const among = deep.length < 3 ? seen.filter(({ rung }) => rung >= top - 1) : deep;
  const asked = seen.length < 2 ? undefined : objectiveModel(grid, { outcomes, pending: [] }, 0, fidelity).predictor;
  const means = among.map(({ number, point }) => ({ number, mean: asked?.at(point) ?? 0 }));
  return means.sort((a, b) => a.mean - b.mean || a.number - b.number)[0]!.number;
}

/**
 * Where trials stand. Of images a trial is as good on every rung as its value without what its images add; of others as
 * its report there. What breaks a limit, or is no number, is as bad as can be and is not taken up again.
 */
function climbersOf(history: History, fidelity: Fidelity): readonly Climber[] {
  const { outcomes } = evidenceOf({ ...history, fidelity }, gridOf(history.space));
  const known = new Map(outcomes.map((outcome) => [outcome.number, outcome]));
  return history.trials
    .filter(({ state, intermediate }) => state !== 'FAIL' && intermediate.length > 0)
    .map(({ number, state, failure, intermediate }): Climber => {
      const outcome = known.get(number);
      const isGood = outcome !== undefined && isFeasible(outcome);
      const reached = fidelity.rungs.filter((rung) =>
        isLadder(fidelity) ? intermediate.some(({ step }) => step === rung) : intermediate.length >= rung,
      );
      const scores = reached.map((rung) => {
        const at = isLadder(fidelity) ? outcome?.rungs?.find(({ step }) => step === rung)?.losses : outcome?.losses;
        return isGood ? (at?.[0] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
      });
      return { trial: number, scores, rung: reached.length - 1, isHeld: state !== 'PRUNED' || failure !== undefined };
    });
}
