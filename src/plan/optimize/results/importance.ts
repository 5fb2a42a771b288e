import { hypervolume, nonDominatedSort } from '../front.ts';
import type { Rng } from '../rng.ts';
import type { History } from '../sampler.ts';
import type { Parameter } from '../space.ts';
import { type Measured, measuredTrials, order } from './best.ts';
import { cellOf, cellsOf, densityOf } from './parzen.ts';
import { defaultReference } from './progress.ts';

/** How much one parameter had to do with being among the best. */
export interface Importance {
  readonly name: string;
  /** The variance that it explains, as PED-ANOVA measures it; no unit. */
  readonly value: number;
  /** Its part of the sum over all parameters, 0 to 1; all 0 where nothing is explained. */
  readonly share: number;
  /** The share that a parameter without any effect passes in 5 % of the cases; only where an `rng` was given. */
  readonly chance?: number;
}

/** What importance is asked for. */
export interface ImportanceOptions {
  /** Index of the objective; without it, of several: of being near the Pareto front. */
  readonly objective?: number;
  /**
   * The part of the trials that counts as the best. Without it a tenth, as Optuna has it, but 12 trials if they are not
   * more than a fifth: of 30 to 60 trials a tenth finds only half of what is there.
   */
  readonly quantile?: number;
  /** Shuffles the trials to tell importance from chance (Altmann et al., Bioinformatics 26, 2010). */
  readonly rng?: Rng;
}

/** Fewest trials of a parameter for its density to mean anything. */
const FEWEST = 2;
const SHUFFLES = 200;
const TINY = 1e-12;

/**
 * The importance of each parameter, the greatest first: PED-ANOVA, the default of Optuna 5 (Watanabe, Bansal and Hutter,
 * IJCAI 2023, arXiv 2304.10255), with conditional parameters by Baba, Ozaki and Watanabe (arXiv 2601.20800): the density of
 * the best trials against that of all, each as a Parzen estimate. A trial that violates a constraint is worse than any
 * that does not. All 0 below two measured trials. [PL-4]
 */
export function importances(history: History, options: ImportanceOptions = {}): Importance[] {
  const { space } = history;
  const measured = measuredTrials(history).sort((a, b) => a.trial.number - b.trial.number);
  const top = measured.length < FEWEST ? [] : topTrials(measured, options);
  const measures = space.parameters.map((parameter) => measureOf(parameter, measured));
  const raw = measures.map((measure) => measure(new Set(top)));
  const sum = raw.reduce((total, value) => total + value, 0);
  const chance = options.rng && top.length > 0 ? chanceOf(measures, measured, top.length, options.rng) : undefined;
  const part = (value: number): number => (sum > 0 ? value / sum : 0);
  return space.parameters
    .map(({ name }, i) => ({
      name,
      value: raw[i]!,
      share: part(raw[i]!),
      ...(chance && { chance: part(chance[i]!) }),
    }))
    .sort((a, b) => b.value - a.value);
}

/**
 * Measures one parameter against a choice of the best trials: Σ over regimes of α²/β times the Pearson divergence, times γ²;
 * the inactive regime adds nothing. Cells and the density of all are the same for each choice.
 */
function measureOf(parameter: Parameter, all: readonly Measured[]): (top: ReadonlySet<Measured>) => number {
  const cells = cellsOf(parameter);
  const active = all.flatMap((one) => {
    const value = one.trial.params[parameter.name];
    return value === undefined ? [] : [{ one, cell: cellOf(parameter, value) }];
  });
  if (cells < 2 || active.length < FEWEST) return () => 0;
  const estimate = densityOf(parameter);
  const density = (trials: typeof active): number[] => {
    const counts = Array<number>(cells).fill(0);
    for (const { cell } of trials) counts[cell]!++;
    return estimate(counts);
  };
  const atAll = density(active);
  return (top) => {
    const best = active.filter(({ one }) => top.has(one));
    if (best.length === 0) return 0;
    const atBest = density(best);
    const divergence = atAll.reduce((sum, p, i) => {
      const q = p + TINY;
      return sum + q * ((atBest[i]! + TINY) / q - 1) ** 2;
    }, 0);
    const [targeted, regional] = [best.length / top.size, active.length / all.length];
    return (targeted ** 2 / regional) * divergence * (top.size / all.length) ** 2;
  };
}

/** The importance that chance passes in one case of twenty: as many best trials, drawn from all. */
function chanceOf(measures: readonly Measure[], measured: readonly Measured[], size: number, rng: Rng): number[] {
  const drawn = Array.from({ length: SHUFFLES }, () => {
    const top = new Set(draw(measured, size, rng));
    return measures.map((measure) => measure(top));
  });
  const at = Math.ceil(0.95 * SHUFFLES) - 1;
  return measures.map((_, i) => drawn.map((one) => one[i]!).sort((a, b) => a - b)[at]!);
}

type Measure = ReturnType<typeof measureOf>;

function draw<T>(from: readonly T[], count: number, rng: Rng): T[] {
  const rest = [...from];
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(rng() * (rest.length - i));
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  return rest.slice(0, count);
}

/** The best part of the trials: of one objective with all that equal the last of them. */
function topTrials(measured: readonly Measured[], { objective, quantile }: ImportanceOptions): Measured[] {
  const n = measured.length;
  const count = Math.ceil((quantile ?? Math.max(0.1, Math.min(0.2, 12 / n))) * n);
  const feasible = measured.filter(({ violation }) => violation === 0);
  const at = objective ?? (measured[0]!.losses.length === 1 ? 0 : undefined);
  const byLoss = (a: Measured, b: Measured): number => order(a.losses[at ?? 0]!, b.losses[at ?? 0]!);
  const others = measured
    .filter(({ violation }) => violation > 0)
    .sort((a, b) => order(a.violation, b.violation) || byLoss(a, b));
  const top = [...(at === undefined ? frontFirst(feasible, count) : feasible.sort(byLoss)), ...others];
  const last = top[count - 1]!;
  if (at === undefined) return top.slice(0, count);
  return top.filter((one, i) => i < count || (one.violation === last.violation && one.losses[at] === last.losses[at]));
}

/** Layer by layer of the front; of the last one those that together have the greatest hypervolume, one after another. */
function frontFirst(measured: readonly Measured[], count: number): Measured[] {
  const chosen: Measured[] = [];
  const corner = defaultReference(measured);
  for (const layer of nonDominatedSort(measured.map(({ losses }) => losses))) {
    const left = new Set(layer.map((i) => measured[i]!));
    if (chosen.length + left.size <= count) chosen.push(...left);
    else {
      const picked: Measured[] = [];
      while (chosen.length + picked.length < count) {
        const losses = picked.map((one) => one.losses);
        let best: { readonly one: Measured; readonly volume: number } | undefined;
        for (const one of left) {
          const volume = hypervolume([...losses, one.losses], corner);
          if (!best || volume > best.volume) best = { one, volume };
        }
        left.delete(best!.one);
        picked.push(best!.one);
      }
      return [...chosen, ...picked];
    }
  }
  return chosen;
}
