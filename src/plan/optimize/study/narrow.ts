import { CwfError } from '../../../base/errors.ts';
import type { Condition, Parameter, Params, ParamValue } from '../space.ts';
import type { Tunable } from '../tunables/tunable.ts';

/**
 * The parameters that are left to search when some are held: at a value of `fixed`, or where `only` leaves them out, at
 * what they are. A condition on a held one either holds, and goes, or does not, and the parameter goes. [ST-5]
 */
export function narrowed(
  tunables: readonly Tunable[],
  only: readonly string[] | undefined,
  fixed: Params,
): readonly Tunable[] {
  const held = new Map<string, ParamValue>();
  for (const { parameter, current } of tunables) {
    const isLeft = only === undefined || only.includes(parameter.name);
    if (fixed[parameter.name] !== undefined) held.set(parameter.name, fixed[parameter.name]!);
    else if (!isLeft) held.set(parameter.name, current);
  }
  return tunables.flatMap((tunable): Tunable[] => {
    const { parameter } = tunable;
    if (held.has(parameter.name)) return [];
    const left: Condition[] = [];
    for (const condition of parameter.when ?? []) {
      const value = held.get(condition.parent);
      if (value === undefined) left.push(condition);
      else if (!condition.values.includes(value)) return [];
    }
    const { when: _when, ...rest } = parameter;
    return [{ ...tunable, parameter: (left.length > 0 ? { ...rest, when: left } : rest) as Parameter }];
  });
}

/** The value of `--fix name=value` for its parameter. Throws STUDY_PARAMETER. */
export function fixedValue(tunables: readonly Tunable[], name: string, text: string): ParamValue {
  const tunable = namedTunable(tunables, name);
  const { parameter } = tunable;
  if ('choices' in parameter) {
    const choice = parameter.choices.find((one) => String(one) === text);
    if (choice !== undefined) return choice;
    throw new CwfError('STUDY_PARAMETER', {
      parameter: name,
      reason: `${text} is none of ${parameter.choices.join(', ')}`,
    });
  }
  const value = Number(text);
  const isWhole = parameter.kind === 'float' || Number.isInteger(value);
  if (text.trim() === '' || !Number.isFinite(value) || !isWhole)
    throw new CwfError('STUDY_PARAMETER', { parameter: name, reason: `${text} is no number that it can be` });
  return value;
}

/** The parameter of a name. Throws STUDY_PARAMETER with the names that there are. */
export function namedTunable(tunables: readonly Tunable[], name: string): Tunable {
  const found = tunables.find(({ parameter }) => parameter.name === name);
  if (found) return found;
  const names = tunables.map(({ parameter }) => parameter.name);
  const there = names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`;
  throw new CwfError('STUDY_PARAMETER', { parameter: name, reason: `the workflow has none of that name; ${there}` });
}
