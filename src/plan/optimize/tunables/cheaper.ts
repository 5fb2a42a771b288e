import type { Catalog } from '../../../core/catalog/catalog.ts';
import { placeKey } from '../../../core/workflow/effective.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { FidelityKind } from '../sampler.ts';
import { addressText } from '../space-file/space-file-of.ts';
import type { SetValue, StudyFidelity } from '../study/definition.ts';
import { findTunables } from './find-tunables.ts';
import type { Held, Target, Tunable, Tunables } from './tunable.ts';

/** What of a whole run each rung costs, in hundredths: of pixels, or of steps. */
const SHARES = [25, 50, 100] as const;
/** One in so many goes on to a rung that costs as many times more. */
const REDUCTION = 2;
/** Below these a picture says nothing of what it will be. */
const LEAST_SIDE = 256;
const LEAST_STEPS = 4;
/** Sides of families without facts are multiples of it. */
const MULTIPLE = 16;

/** Runs at rungs that cost less, or why there are none of a kind. */
export type CheaperRuns =
  | { readonly kind: 'fidelity'; readonly fidelity: StudyFidelity }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * How the runs of a workflow are made cheaper: with smaller pictures or in fewer steps, written where these live. What is
 * searched is no such setting, nor is what a model was distilled to. Pure. [ST-19]
 */
export function cheaperRuns(
  kind: Exclude<FidelityKind, 'images'>,
  workflow: Workflow,
  catalog: Catalog,
  searched: readonly Tunable[],
): CheaperRuns {
  const found = findTunables(workflow, catalog);
  const meaning = kind === 'resolution' ? 'size' : 'steps';
  const values = [...found.tunables, ...found.held].filter((one) => one.meaning === meaning);
  const targets = distinct(values.flatMap((one) => one.targets));
  const reason = whyNot(kind, found, targets, searched);
  if (reason !== undefined) return { kind: 'none', reason };
  const multiple = found.models.flatMap(({ detected }) => detected?.family.multiple ?? [])[0] ?? MULTIPLE;
  const rungs: number[] = [];
  const set: SetValue[][] = [];
  for (const share of SHARES) {
    const numbers = targets.map(({ held }) => lessOf(kind, Number(held), share, multiple));
    const least = kind === 'resolution' ? LEAST_SIDE : LEAST_STEPS;
    if (share < 100 && numbers.some((number, i) => number < least || number >= Number(targets[i]!.held))) continue;
    rungs.push(share);
    set.push(
      share === 100
        ? []
        : targets.map(({ place }, i) => ({ address: addressText(place, workflow), value: String(numbers[i]) })),
    );
  }
  if (rungs.length < 2) return { kind: 'none', reason: `${meaning} ${told(values)} is as small as it can be` };
  return { kind: 'fidelity', fidelity: { kind, rungs, reduction: REDUCTION, set } };
}

function whyNot(
  kind: Exclude<FidelityKind, 'images'>,
  { tunables, held, models }: Tunables,
  targets: readonly Target[],
  searched: readonly Tunable[],
): string | undefined {
  const what = kind === 'resolution' ? 'size' : 'steps';
  if (targets.length === 0 || targets.some((one) => typeof one.held !== 'number'))
    return `the workflow has no ${what} that could be less`;
  const taken = new Set(searched.flatMap((one) => one.targets.map(({ place }) => placeKey(place))));
  if (targets.some(({ place }) => taken.has(placeKey(place)))) return `${what} is searched`;
  const video = models.find(({ detected }) => detected?.family.media === 'video');
  if (kind === 'resolution') return video && `${video.detected!.family.title} makes videos`;
  if ([...tunables, ...held].some(({ meaning }) => meaning === 'split')) return 'the steps are shared by two samplers';
  const distilled = models.find((one) => one.distilled)?.distilled;
  return distilled && `the model is made for few steps (${distilled.evidence})`;
}

function lessOf(kind: FidelityKind, whole: number, share: number, multiple: number): number {
  if (kind === 'steps') return Math.round((whole * share) / 100);
  return Math.round((whole * Math.sqrt(share / 100)) / multiple) * multiple;
}

function distinct(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((one) => [placeKey(one.place), one])).values()];
}

function told(values: readonly (Tunable | Held)[]): string {
  return [...new Set(values.map(({ current }) => String(current)))].join(', ');
}
