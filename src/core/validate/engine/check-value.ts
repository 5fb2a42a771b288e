import type { Json } from '../../../base/json.ts';
import type { InputDefinition } from '../../catalog/catalog.ts';
import type { EngineRules } from './engine-rules.ts';
import { listedFiles, type ServerFiles } from './file-lists.ts';
import { pyBool, pyFloat, pyInt, pyRepr, pyStr } from './python-cast.ts';
import { fromJson, PyError, type PyValue, pyEquals, pyLess, toJson } from './python-value.ts';
import { type EngineError, engineError } from './verdict.ts';

/** What a value is judged by, beside the definition of its input. */
export interface ValueWorld {
  readonly rules: EngineRules;
  readonly files: ServerFiles | undefined;
  /** Options of combos, by class and input, as they are needed. */
  readonly options: Map<string, readonly PyValue[] | undefined>;
}

/** The longest list of options that the server spells out in a message. */
const MAX_LISTED = 20;
const CASTS: Readonly<Record<string, (value: PyValue) => PyValue>> = {
  INT: pyInt,
  FLOAT: pyFloat,
  STRING: pyStr,
  BOOLEAN: pyBool,
};

/** A value as the engine casts it to the type of its input, out of its wrapper; or the error of a cast that fails. */
export function castValue(input: InputDefinition, given: PyValue): { value: PyValue } | { error: EngineError } {
  const inner = given instanceof Map ? given.get('__value__') : undefined;
  const value = inner === undefined ? given : inner;
  const cast = Object.hasOwn(CASTS, input.type) ? CASTS[input.type] : undefined;
  if (!cast) return { value };
  try {
    return { value: cast(value) };
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    const info = { input_name: input.name, received_value: toJson(value), exception_message: error.message };
    const message = `Failed to convert an input value to a ${input.type} value`;
    const details = `${input.name}, ${pyStr(value)}, ${error.message}`;
    return { error: engineError('invalid_input_type', message, details, info) };
  }
}

/** The first of limits and options that a value breaks. Throws PyError TypeError where a limit has no order with it. */
export function checkValue(
  classType: string,
  input: InputDefinition,
  value: PyValue,
  world: ValueWorld,
): EngineError | undefined {
  const { min, max } = input.options;
  const info = () => ({ input_name: input.name, received_value: toJson(value) });
  if (min !== undefined && pyLess(value, fromJson(min))) {
    const message = `Value ${pyStr(value)} smaller than min of ${limit(input, min)}`;
    return engineError('value_smaller_than_min', message, input.name, info());
  }
  if (max !== undefined && pyLess(fromJson(max), value)) {
    const message = `Value ${pyStr(value)} bigger than max of ${limit(input, max)}`;
    return engineError('value_bigger_than_max', message, input.name, info());
  }
  const options = optionsOf(classType, input, world);
  if (!options) return undefined;
  const isOption = (one: PyValue) => options.some((option) => pyEquals(option, one));
  const values = Array.isArray(value) && input.options.multiselect === true ? value : [value];
  const wrong = values.filter((one) => !isOption(one));
  if (wrong.length === 0) return undefined;
  const list = options.length > MAX_LISTED ? `(list of length ${options.length})` : pyRepr([...options]);
  const details = `${input.name}: ${wrong.map(pyRepr).join(', ')} not in ${list}`;
  return engineError('value_not_in_list', 'Value not in list', details, info());
}

/** A limit as the engine writes it: definitions of floats have floats. */
function limit({ type }: InputDefinition, value: Json): string {
  const known = fromJson(value);
  const isFloat = type === 'FLOAT' && typeof known === 'bigint' && Number.isSafeInteger(Number(known));
  return pyStr(isFloat ? Number(known) : known);
}

/** The options a value must be one of; undefined where it may be anything, or the files are not known. */
function optionsOf(
  classType: string,
  input: InputDefinition,
  { rules, files, options }: ValueWorld,
): readonly PyValue[] | undefined {
  if (input.type !== 'COMBO' || !(input.listed || rules.checksNamedCombos)) return undefined;
  const key = `${classType}\n${input.name}`;
  // Below a dynamic combo the same name may stand for several inputs.
  const isFixed = !input.name.includes('.');
  if (isFixed && options.has(key)) return options.get(key);
  const found = readOptions(classType, input, files, rules);
  if (isFixed) options.set(key, found);
  return found;
}

function readOptions(
  classType: string,
  input: InputDefinition,
  files: ServerFiles | undefined,
  rules: EngineRules,
): readonly PyValue[] | undefined {
  if (input.options.files !== undefined) return files && listedFiles(classType, input, files, rules);
  const stated = input.options.options;
  return Array.isArray(stated) ? stated.map((one) => fromJson(one)) : [];
}
