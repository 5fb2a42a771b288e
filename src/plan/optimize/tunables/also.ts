import { CwfError } from '../../../base/errors.ts';
import { placeText } from '../../../core/edit/describe.ts';
import { type InputPlace, placeKey } from '../../../core/workflow/effective.ts';
import type { ParamValue } from '../space.ts';
import { around, limitsOf, numberParameter } from './bounds.ts';
import { type Draft, draftOf, type Reader } from './draft.ts';
import type { LiveGraph, LiveValue } from './live.ts';
import { ModelFinder } from './model-of.ts';
import type { Conditional } from './states.ts';
import { type Decision, optionsOf } from './tune.ts';

/** A range wider than so many steps is looked at around the current value only. */
const MOST_STEPS = 1000;

/**
 * The values with one more to be searched, whatever it means: by the range or the options that its node declares. One
 * that was found and held is searched all the same, with all that is tied to it. Throws SPACE_NOTHING where nothing
 * that runs reads it, or where its node leaves no other value. [SP-3]
 */
export function withAlso(drafts: readonly Conditional[], place: InputPlace, graph: LiveGraph): Conditional[] {
  const key = placeKey(place);
  const at = drafts.findIndex(({ targets }) => targets.some((target) => placeKey(target.place) === key));
  const draft = at < 0 ? newDraft(place, graph) : drafts[at]!;
  const anyway = { ...draft, decide: (name: string) => decideAnyway(draft, name) };
  const { why, parameter } = anyway.decide('');
  if (!parameter) throw new CwfError('SPACE_NOTHING', { source: placeText(place, graph.workflow), why });
  return at < 0 ? [...drafts, anyway] : drafts.map((one, i) => (i === at ? anyway : one));
}

function newDraft(place: InputPlace, graph: LiveGraph): Draft {
  const key = placeKey(place);
  const readers: Reader[] = [];
  let value: LiveValue | undefined;
  for (const node of graph.nodes) {
    for (const input of node.declared?.byName.values() ?? []) {
      const found = graph.placesOf(node, input.name).find((one) => placeKey(one.place) === key);
      if (!found) continue;
      value = found;
      readers.push({ node, input });
    }
  }
  const known = { meaning: 'other' as const, word: readers[0]?.input.name ?? place.input };
  const draft = value && draftOf([{ known, value, readers }], graph, new ModelFinder(graph));
  if (draft) return draft;
  const why = value ? 'it holds no plain value' : 'nothing that runs takes its value';
  throw new CwfError('SPACE_NOTHING', { source: placeText(place, graph.workflow), why });
}

function decideAnyway(draft: Draft, name: string): Decision {
  const decision = draft.decide(name);
  if (decision.parameter) return decision;
  const { current, readers } = draft;
  const inputs = readers.map(({ input }) => input);
  if (typeof current === 'number') {
    const limits = limitsOf(inputs);
    const step = limits.step ?? (limits.isInt ? 1 : 0.05);
    const isNarrow = (limits.high - limits.low) / step <= MOST_STEPS;
    const parameter = numberParameter(isNarrow ? limits : around(current, step, limits), limits, current);
    if (parameter)
      return {
        parameter: { name, ...parameter },
        why: isNarrow ? 'all that the node takes' : 'around the current value',
      };
  }
  const choices: ParamValue[] = typeof current === 'boolean' ? [false, true] : optionsOf(inputs[0]);
  const isOption = typeof current !== 'bigint' && choices.includes(current);
  if (choices.length < 2 || !isOption) return { why: 'its node leaves no other value' };
  return { parameter: { name, kind: 'categorical', choices }, why: 'all that the node takes' };
}
