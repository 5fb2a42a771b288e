import { bracketOf } from '../pruners/hyperband.ts';
import type { Fidelity } from '../sampler.ts';
import type { Intermediate } from '../trial.ts';
import type { StudyDefinition } from './definition.ts';
import type { OpenTrial, TrialRecord } from './record.ts';
import { fidelityOf, type StudyState } from './state.ts';

/** Pruners that take trials up again. */
const CLIMBING: ReadonlySet<string> = new Set(['asha', 'hyperband']);

/** Of images a rung is three times the one below, as one in three goes on. */
const REDUCTION = 3;

type Laddered = Pick<StudyDefinition, 'fidelity' | 'repeats' | 'pruner'>;

/** The fidelity of a study whose trials stop at rungs and may be taken up again; undefined for any other. */
export function climbingIn(definition: Laddered): Fidelity | undefined {
  return CLIMBING.has(definition.pruner ?? '') ? fidelityOf(definition) : undefined;
}

/** Whether a pruner takes trials up again. */
export function isClimbing(pruner: string | undefined): boolean {
  return CLIMBING.has(pruner ?? '');
}

/** The rungs of so many images: all of them, a third, a ninth, down to one. */
export function imageLadder(images: number): Fidelity {
  const rungs = [images];
  while (rungs[0]! > 1) rungs.unshift(Math.min(rungs[0]! - 1, Math.max(1, Math.round(rungs[0]! / REDUCTION))));
  return { kind: 'images', rungs, reduction: REDUCTION };
}

/** The rungs at which a trial of this number stops. */
export function rungsOf({ pruner }: Laddered, fidelity: Fidelity, number: number): readonly number[] {
  return pruner === 'hyperband' ? fidelity.rungs.slice(bracketOf(number, fidelity)) : fidelity.rungs;
}

/** What is to be run of a trial that goes to a step, with what it has: each image, or each rung on the way. */
export function stepsTo(
  definition: Laddered,
  fidelity: Fidelity,
  { number, step = fidelity.rungs.at(-1)! }: OpenTrial,
  reports: readonly Intermediate[],
): readonly number[] {
  const from = reports.at(-1)?.step ?? 0;
  if (fidelity.kind === 'images') return Array.from({ length: Math.max(0, step - from) }, (_, i) => from + i + 1);
  return rungsOf(definition, fidelity, number).filter((rung) => rung > from && rung <= step);
}

/** The runs that a trial comes to until it ends or stops, when none is begun again. */
export function runsOf(definition: Laddered, open: OpenTrial, { records }: Pick<StudyState, 'records'>): number {
  const fidelity = fidelityOf(definition);
  if (!fidelity) return 1;
  const { intermediate = [] } =
    (open.part === undefined ? undefined : records.find((one) => one.number === open.number)) ?? {};
  const steps = stepsTo(definition, fidelity, open, intermediate).length;
  return fidelity.kind === 'images' ? steps : steps * definition.repeats;
}

/**
 * What the trials of a study have cost and those that run will, in the unit of the rungs; a whole trial that was given all
 * at once costs the top one. Of images each one counts once, of others each rung. A trial that told nothing, or took the
 * outcome of another, counts as the lowest rung: so a study ends. [ST-18]
 */
export function spentIn(definition: Laddered, fidelity: Fidelity, { records, open }: StudyState): number {
  const running = new Set(open.map(({ number }) => number));
  const told = records.map((record) => (running.has(record.number) ? 0 : costOf(record, fidelity)));
  const asked = open.map((one) => {
    const record = records.find(({ number }) => number === one.number);
    return costTo(definition, fidelity, one, record);
  });
  return [...told, ...asked].reduce((sum, cost) => sum + cost, 0);
}

/** What a trial will have cost when it has come to its step. */
export function costTo(
  definition: Laddered,
  fidelity: Fidelity,
  open: OpenTrial,
  record: TrialRecord | undefined,
): number {
  const { intermediate: reports = [] } = record ?? {};
  return amountOf(reports, fidelity) + sum(stepsTo(definition, fidelity, open, reports).map(priceIn(fidelity)));
}

function costOf({ state, copies, intermediate = [] }: TrialRecord, fidelity: Fidelity): number {
  if (copies !== undefined) return fidelity.rungs[0]!;
  // Without a seed there is one image, and it is the whole trial.
  if (state === 'COMPLETE' && fidelity.kind === 'images') return fidelity.rungs.at(-1)!;
  const more = state === 'FAIL' ? fidelity.rungs[0]! : 0;
  return Math.max(fidelity.rungs[0]!, amountOf(intermediate, fidelity) + more);
}

function amountOf(reports: readonly Intermediate[], fidelity: Fidelity): number {
  return sum(reports.map(({ step }) => step).map(priceIn(fidelity)));
}

function priceIn({ kind }: Fidelity): (step: number) => number {
  return (step) => (kind === 'images' ? 1 : step);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
