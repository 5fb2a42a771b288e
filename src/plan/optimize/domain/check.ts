import { CwfError } from '../../../base/errors.ts';
import type { Condition, Parameter, Params, ParamValue, Space } from '../space.ts';
import { isActive } from './active.ts';
import { levelCount, scaleOf } from './scale.ts';

/**
 * Checks that a space can be searched: it has parameters, each has at least one value, parents stand before their
 * children, and every condition can come true. Throws SPACE_EMPTY or SPACE_INVALID, which names the parameter.
 */
export function checkSpace({ parameters }: Space): void {
  if (parameters.length === 0) throw new CwfError('SPACE_EMPTY', {});
  const names = new Set(parameters.map(({ name }) => name));
  const before = new Map<string, Parameter>();
  for (const parameter of parameters) {
    const { name } = parameter;
    const reason =
      name === ''
        ? 'it has no name'
        : before.has(name)
          ? 'there are two of that name'
          : (valueFault(parameter) ?? conditionFault(parameter, before, names));
    if (reason !== undefined) throw new CwfError('SPACE_INVALID', { parameter: name || '(unnamed)', reason });
    before.set(name, parameter);
  }
}

/** What is wrong with a point of a space that `checkSpace` accepts; undefined for a valid one. */
export function pointFault({ parameters }: Space, params: Params): string | undefined {
  for (const parameter of parameters) {
    const { name } = parameter;
    const value = params[name];
    if (!isActive(parameter, params)) {
      if (value !== undefined) return `${name} has a value, and its condition does not hold`;
    } else if (value === undefined) return `${name} has no value`;
    else if (Number.isNaN(scaleOf(parameter).encode(value))) return `${name} cannot be ${JSON.stringify(value)}`;
  }
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = Object.keys(params).find((name) => !known.has(name));
  return unknown === undefined ? undefined : `the space has no ${unknown}`;
}

function valueFault(parameter: Parameter): string | undefined {
  if (parameter.kind === 'ordinal' || parameter.kind === 'categorical') return choicesFault(parameter.choices);
  const { low, high, step, log, kind } = parameter;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'its bounds are no finite numbers';
  if (low > high) return `its lower bound ${low} is over its upper bound ${high}`;
  if (kind === 'int' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    return `it is a whole number, and its bounds ${low} and ${high} are not`;
  }
  if (step !== undefined && !(Number.isFinite(step) && step > 0)) return `its step ${step} is not above 0`;
  if (kind === 'int' && step !== undefined && !Number.isSafeInteger(step)) return `its step ${step} is no whole number`;
  if (log && step !== undefined && !(kind === 'int' && step === 1)) return 'a log scale has no steps';
  if (log && low <= 0) return `a log scale begins above 0, and its lower bound is ${low}`;
  if (kind === 'float' && !Number.isFinite(high - low)) return 'its bounds are too far apart';
  if (step !== undefined && !Number.isSafeInteger(levelCount(low, high, step))) return 'its steps are too many';
  return undefined;
}

function choicesFault(choices: readonly ParamValue[]): string | undefined {
  if (choices.length === 0) return 'it has no choices';
  const odd = choices.find((choice) => typeof choice === 'number' && !Number.isFinite(choice));
  if (odd !== undefined) return `${odd} is no choice`;
  const twice = choices.find((choice, i) => choices.indexOf(choice) < i);
  return twice === undefined ? undefined : `the choice ${JSON.stringify(twice)} stands twice`;
}

function conditionFault(
  { name, when = [] }: Parameter,
  before: ReadonlyMap<string, Parameter>,
  names: ReadonlySet<string>,
): string | undefined {
  for (const { parent, values } of when) {
    const given = before.get(parent);
    if (parent === name) return 'it depends on itself';
    if (!given) return names.has(parent) ? `its parent ${parent} stands after it` : `its parent ${parent} is unknown`;
    const scale = scaleOf(given);
    const impossible = values.find((value) => Number.isNaN(scale.encode(value)));
    if (impossible !== undefined) return `its parent ${parent} is never ${JSON.stringify(impossible)}`;
    if (values.length === 0) return `its condition on ${parent} names no value`;
  }
  return canBeActive(when, before) ? undefined : 'its conditions never hold together';
}

/** Whether one choice of values fulfils the conditions and those of all parents. */
function canBeActive(when: readonly Condition[], before: ReadonlyMap<string, Parameter>): boolean {
  const allowed = new Map<string, readonly ParamValue[]>();
  const pending = [...when];
  for (const { parent, values } of pending) {
    const known = allowed.get(parent);
    const both = known ? known.filter((value) => values.includes(value)) : values;
    if (both.length === 0) return false;
    allowed.set(parent, both);
    if (!known) pending.push(...(before.get(parent)?.when ?? []));
  }
  return true;
}
