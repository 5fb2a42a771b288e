import { domainOf, triedKeys } from '../domain/domain.ts';
import { promotionDue } from '../fidelity/decider.ts';
import { expectedGain } from '../gp/sampler.ts';
import { PRUNERS } from '../pruners/index.ts';
import { decideStop } from '../results/stop.ts';
import type { Fidelity, History, Sampler } from '../sampler.ts';
import type { Params, Space } from '../space.ts';
import { ask } from './ask.ts';
import type { StudyDefinition } from './definition.ts';
import { climbingIn, costTo, rungsOf, spentIn } from './ladder.ts';
import { isByPreference, newAnswers } from './preference.ts';
import type { OpenTrial } from './record.ts';
import { historyOf, nextNumber, type StudyState } from './state.ts';

/** What is asked about: a study and what is made of it. */
export interface AskedStudy {
  readonly definition: StudyDefinition;
  readonly space: Space;
  /** Where the workflow stands. */
  readonly point?: Params;
  readonly sampler: Sampler;
}

/** What a study does next. `over`: nothing more, unless what runs now changes that. */
export type NextStep =
  | { readonly kind: 'trial'; readonly open: OpenTrial; readonly expected?: number }
  | { readonly kind: 'over'; readonly reason: string };

/** From so many trials on it is asked what another one may gain: `decideStop` looks at three of them from 20 on. */
const LOOKED_AT = 17;

/**
 * The next trial of a study, or the one that is taken up again. What was begun before is not asked about here. Pure: the
 * same definition and the same state give the same step, so that a study can be killed anywhere. [ST-2] [ST-17]
 */
export function nextTrial(study: AskedStudy, state: StudyState): NextStep {
  const { definition, space, point, sampler } = study;
  const history = historyOf(definition, space, state);
  const climbing = climbingIn(definition);
  const due = climbing && promotedIn(study, climbing, history, state);
  const stop = decideStop(history, {
    expected: state.records.flatMap((record) => record.expected ?? []),
    ...patience(definition),
  });
  // A space whose points were all tried has trials that may go on.
  if (stop.stop && !(due && stop.kind === 'exhausted')) return { kind: 'over', reason: stop.reason };
  if (due) return fits(definition, climbing, state, due) ? { kind: 'trial', open: due } : spent(definition);
  const number = nextNumber(state);
  if (!climbing && number >= definition.budget) return spent(definition);
  const params = ask(definition, history, number, point, sampler);
  const answers = newAnswers(state);
  const open: OpenTrial = {
    number,
    params,
    ...(answers.length > 0 ? { answers } : {}),
    ...(climbing ? { step: firstStep(study, climbing, number) } : {}),
  };
  if (climbing && !fits(definition, climbing, state, open)) return spent(definition);
  // A grid that is done begins anew; a study of one is over.
  const domain = domainOf(space);
  if (sampler.name === 'grid' && triedKeys(domain, history.trials).has(domain.keyOf(params)))
    return { kind: 'over', reason: 'every point of the grid was tried' };
  // What a choice may gain is in no unit that a study could stop by.
  const isAsked =
    definition.sampler === 'gp' && state.records.length >= LOOKED_AT && !isByPreference(definition.objectives);
  const expected = isAsked ? expectedGain(history, params) : undefined;
  return { kind: 'trial', open, ...(expected === undefined ? {} : { expected }) };
}

/** The trial that is taken up again, as it is asked for. Trials that took the outcome of another are never. */
function promotedIn(
  { definition }: AskedStudy,
  fidelity: Fidelity,
  history: History,
  { records }: StudyState,
): OpenTrial | undefined {
  const copies = new Set(records.flatMap(({ number, copies: of }) => (of === undefined ? [] : [number])));
  const own = { ...history, trials: history.trials.filter(({ number }) => !copies.has(number)) };
  const isModelled = definition.pruner === 'asha' && definition.sampler === 'gp' && history.directions.length === 1;
  const next = isModelled ? promotionDue(own, fidelity) : PRUNERS[definition.pruner!]!.pruner.next(own, fidelity);
  if (next?.kind !== 'promote') return undefined;
  const { params, part = 0 } = records.find(({ number }) => number === next.trial)!;
  return { number: next.trial, params, part: part + 1, step: next.step };
}

/** How far a new trial goes: the workflow as it is all the way, since all others are compared with it. */
function firstStep({ definition, point }: AskedStudy, fidelity: Fidelity, number: number): number {
  if (number === 0 && point) return fidelity.rungs.at(-1)!;
  return rungsOf(definition, fidelity, number)[0]!;
}

/** Who asks for a whole grid means all of it. */
function patience({ sampler }: StudyDefinition): { readonly patience?: number } {
  return sampler === 'grid' ? { patience: Number.POSITIVE_INFINITY } : {};
}

function fits(
  definition: StudyDefinition,
  fidelity: Fidelity | undefined,
  state: StudyState,
  open: OpenTrial,
): boolean {
  if (!fidelity) return true;
  const { records } = state;
  const record = records.find(({ number }) => number === open.number);
  const others = { records: records.filter((one) => one !== record), open: state.open };
  const cost = spentIn(definition, fidelity, others) + costTo(definition, fidelity, open, record);
  return cost <= definition.budget * fidelity.rungs.at(-1)!;
}

function spent(definition: StudyDefinition): NextStep {
  const { budget } = definition;
  const what = climbingIn(definition) ? `what ${budget} whole trials cost was spent` : `all ${budget} trials were made`;
  return { kind: 'over', reason: what };
}
