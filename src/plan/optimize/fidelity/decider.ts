/**
 * What a study with a fidelity does next: starts a trial at the lowest rung, or takes one up again. A stopped trial is
 * PRUNED and has what it reported; RUNNING ones are left alone.
 *
 * Two kinds of fidelity are real in ComfyUI. `images`: a trial is the mean over prompts or seeds, each report is one
 * image's value (`step` counts images from 1), and more images only lessen the noise. `resolution`: each report is the
 * whole value at a cheaper setting (`step` is the rung), near the true one but not equal; the model has one more
 * dimension for it and asks what holds at the top.
 */

import { logExpectedImprovement } from '../gp/acquisition.ts';
import { believing, fitModel, type Model, type Predictor, predictor, type Sample } from '../gp/model.ts';
import { type Grid, gridOf } from '../gp/points.ts';
import { propose, unseenPoint } from '../gp/propose.ts';
import type { Rng } from '../rng.ts';
import type { Fidelity, History } from '../sampler.ts';
import type { Params } from '../space.ts';
import type { Intermediate, Trial } from '../trial.ts';
import { type Climber, promotion } from './promotion.ts';
import { promptEffects } from './prompt-effects.ts';

/** `step`: how far the trial goes, in the unit of the rungs. */
export type Next =
  | { readonly kind: 'start'; readonly params: Params; readonly step: number }
  | { readonly kind: 'promote'; readonly trial: number; readonly step: number };

const INITIAL = 10;
/** Most points of the model: the deepest, then the newest. */
const MOST_POINTS = 200;
const INCUMBENTS = 4;

/** For one objective. Throws nothing: with no reports yet it starts trials all over the space. */
export function nextStep(history: History, fidelity: Fidelity, rng: Rng): Next {
  const view = viewOf(history, fidelity);
  const promoted = promotion(fidelity, view.climbers);
  if (promoted) return { kind: 'promote', trial: promoted[0], step: fidelity.rungs[promoted[1]]! };
  const { grid, tried } = view;
  const start = (point: Float64Array): Next => ({
    kind: 'start',
    params: grid.decode(point),
    step: fidelity.rungs[0]!,
  });
  if (tried.length < INITIAL || view.seen.length < 2) return start(unseenPoint(grid, tried, rng));
  const asked = view.model(true);
  const expected = view.seen.map(({ point }) => ({ point, mean: asked.at(point) })).sort((a, b) => a.mean - b.mean);
  const question = {
    predictors: [asked],
    score: logExpectedImprovement(expected[0]!.mean),
    theta: view.theta(),
    incumbents: expected.slice(0, INCUMBENTS).map(({ point }) => point),
    tried,
  };
  return start(propose(grid, question, rng));
}

/**
 * The number of the best trial: by the model's mean at the top, among the trials of the highest rung that anybody
 * reached (and of the one below while those are fewer than three). Undefined before the first report.
 */
export function recommendedAt(history: History, fidelity: Fidelity): number | undefined {
  const view = viewOf(history, fidelity);
  if (view.seen.length === 0) return undefined;
  const top = Math.max(...view.seen.map(({ rung }) => rung));
  const deep = view.seen.filter(({ rung }) => rung === top);
  const among = deep.length < 3 ? view.seen.filter(({ rung }) => rung >= top - 1) : deep;
  const asked = view.seen.length < 2 ? undefined : view.model(false);
  const means = among.map(({ trial, point }) => ({ trial, mean: asked?.at(point) ?? 0 }));
  return means.sort((a, b) => a.mean - b.mean || a.trial - b.trial)[0]!.trial;
}

/** A trial that reported, and where it stands. */
interface Seen extends Climber {
  readonly point: Float64Array;
  readonly reports: readonly Intermediate[];
}

interface View {
  readonly grid: Grid;
  readonly tried: readonly Float64Array[];
  readonly seen: readonly Seen[];
  readonly climbers: readonly Climber[];
  /** What is expected at the top of the ladder; with what is pending taken as measured when it is to propose. */
  model(toPropose: boolean): Predictor;
  theta(): Float64Array;
}

function viewOf({ space, trials: given, directions }: History, fidelity: Fidelity): View {
  const trials = [...given].sort((a, b) => a.number - b.number);
  const grid = gridOf(space);
  const sign = directions[0] === 'maximize' ? -1 : 1;
  const all = trials
    .filter(({ state }) => state !== 'FAIL')
    .map((trial) => ({ trial, point: grid.encode(trial.params) }));
  const tried = trials.map(({ params }) => grid.encode(params));
  const reporting = all.filter(({ trial }) => trial.intermediate.length > 0);
  const pending = all.filter(({ trial }) => trial.intermediate.length === 0).map(({ point }) => point);
  const { means, rungsOf } =
    fidelity.kind === 'images' ? byImages(reporting, fidelity, sign) : byRungs(reporting, fidelity, sign);
  const seen = reporting.map(({ trial, point }) => {
    const scores = rungsOf(trial);
    const isRunning = trial.state === 'RUNNING' || trial.state === 'WAITING';
    return { trial: trial.number, point, reports: trial.intermediate, scores, rung: scores.length - 1, isRunning };
  });
  let fitted: Model | undefined;
  const model = (): Model => {
    const sample = fidelity.kind === 'images' ? imageSample(seen, means) : rungSample(seen, fidelity, sign);
    fitted ??= fitModel(sample, fidelity.kind === 'images' ? grid.categories : [...grid.categories, false]);
    return fitted;
  };
  return {
    grid,
    tried,
    seen,
    climbers: seen,
    model(toPropose) {
      if (fidelity.kind === 'images') return predictor(toPropose ? believing(model(), pending) : model());
      return atTop(
        predictor(
          toPropose
            ? believing(
                model(),
                pending.map((point) => withRung(point, 0)),
              )
            : model(),
        ),
        grid.categories.length,
      );
    },
    theta: () => model().hyper.theta,
  };
}

/** Scores by rung from the value of a trial without its prompts' offsets: the same on every rung it reached. */
function byImages(reporting: readonly { trial: Trial }[], { rungs }: Fidelity, sign: number) {
  const cells = reporting.flatMap(({ trial }) =>
    trial.intermediate.map(({ step, values }) => ({ trial: trial.number, prompt: step, loss: sign * values[0]! })),
  );
  const { trials: means } = promptEffects(cells.filter(({ loss }) => Number.isFinite(loss)));
  const rungsOf = ({ number, intermediate }: Trial): number[] =>
    rungs.filter((rung) => intermediate.length >= rung).map(() => means.get(number) ?? Number.POSITIVE_INFINITY);
  return { means, rungsOf };
}

function byRungs(_: readonly { trial: Trial }[], { rungs }: Fidelity, sign: number) {
  const rungsOf = ({ intermediate }: Trial): number[] => {
    const at = rungs.map((rung) => intermediate.find(({ step }) => step === rung)?.values[0]);
    const reached = at.indexOf(undefined);
    return at.slice(0, reached < 0 ? at.length : reached).map((value) => sign * value!);
  };
  return { means: new Map<number, number>(), rungsOf };
}

function imageSample(seen: readonly Seen[], means: ReadonlyMap<number, number>): Sample {
  const kept = deepest(seen.filter(({ trial }) => means.has(trial)));
  return {
    points: kept.map(({ point }) => point),
    values: kept.map(({ trial }) => means.get(trial)!),
    counts: kept.map(({ reports }) => reports.length),
  };
}

function rungSample(seen: readonly Seen[], { rungs }: Fidelity, sign: number): Sample {
  const top = Math.log(rungs.at(-1)!);
  const cells = seen.flatMap(({ trial, point, rung, reports }) =>
    reports
      .filter(({ values }) => Number.isFinite(values[0]!))
      .map(({ step, values }) => ({
        trial,
        rung: step === rungs[rung] ? rung : rungs.indexOf(step),
        point: withRung(point, top > 0 ? Math.log(step) / top : 1),
        value: sign * values[0]!,
      })),
  );
  const kept = deepest(cells);
  return { points: kept.map(({ point }) => point), values: kept.map(({ value }) => value) };
}

/** At most so many that the model stays fast, in the order of trials: higher rungs first, then newer trials. */
function deepest<T extends { readonly rung: number; readonly trial: number }>(all: readonly T[]): readonly T[] {
  if (all.length <= MOST_POINTS) return all;
  const keep = new Set([...all].sort((a, b) => b.rung - a.rung || b.trial - a.trial).slice(0, MOST_POINTS));
  return all.filter((each) => keep.has(each));
}

function withRung(point: Float64Array, place: number): Float64Array {
  return Float64Array.of(...point, place);
}

/** A predictor of points without the dimension of the fidelity, at its top. */
function atTop(asked: Predictor, dimensions: number): Predictor {
  const whole = new Float64Array(dimensions + 1);
  whole[dimensions] = 1;
  const [byMean, byVariance] = [new Float64Array(dimensions + 1), new Float64Array(dimensions + 1)];
  const self: Predictor = {
    variance: 1,
    at(point) {
      whole.set(point);
      const mean = asked.at(whole);
      self.variance = asked.variance;
      return mean;
    },
    slopes(point, toMean, toVariance) {
      whole.set(point);
      byMean.fill(0);
      byVariance.fill(0);
      const mean = asked.slopes(whole, byMean, byVariance);
      self.variance = asked.variance;
      for (let i = 0; i < dimensions; i++) {
        toMean[i] = toMean[i]! + byMean[i]!;
        toVariance[i] = toVariance[i]! + byVariance[i]!;
      }
      return mean;
    },
  };
  return self;
}
