import { checkValue } from '../../catalog/check-value.ts';
import { holderInput } from '../../workflow/effective.ts';
import { type DefaultValue, defaultFor } from './default-value.ts';
import type { FixContext } from './fixer.ts';
import type { Subject } from './subject.ts';

const OF_READER = 0.6;

/** The value for an input that has none; of a node that only holds a value, the default of what takes it from there. */
export function defaultIn(
  { facts }: Pick<FixContext, 'facts'>,
  { declared, node, place, input }: Subject,
): DefaultValue | undefined {
  const own = declared && defaultFor(declared);
  if (!declared || holderInput(node.class_type) !== input) return own;
  const readers = facts.readers(place.node).flatMap(({ node: id, input: name }) => facts.declared(id).get(name) ?? []);
  const fits = ({ value }: DefaultValue): boolean =>
    [declared, ...readers].every((one) => checkValue(one, value).every(({ code }) => code === 'VALUE_OFF_STEP'));
  const taken = readers.flatMap((one) => (one.options.default === undefined ? [] : (defaultFor(one) ?? [])));
  const found = taken.find(fits);
  return found ? { value: found.value, confidence: OF_READER, what: 'the default of what takes it' } : own;
}
