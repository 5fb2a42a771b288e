import { isObject, type Json } from '../../../base/json.ts';
import type { InputDefinition } from '../../catalog/catalog.ts';
import { checkValue, isLinkOnly } from '../../catalog/check-value.ts';
import { nestedInputs } from '../../catalog/nested-inputs.ts';

/** A value that an input can always hold, and how sure it is that nobody minds. */
export interface DefaultValue {
  readonly value: Json;
  readonly confidence: number;
  /** `the default`, `the first option`, `the plainest value`. */
  readonly what: string;
}

const STATED = 0.9;
const FIRST = 0.55;
const PLAIN = 0.55;

/**
 * The value for an input that has none: the class's own default, else the first option, else zero, an empty text or
 * false within the limits. Nothing for links, and nothing for files: which file is never for cwf to choose.
 */
export function defaultFor(input: InputDefinition): DefaultValue | undefined {
  const { default: stated, files, options, min, max } = input.options;
  if (stated !== undefined && !Array.isArray(stated) && isRight(input, stated) && files === undefined)
    return { value: stated, confidence: STATED, what: 'the default' };
  if (files !== undefined) return undefined;
  switch (input.type) {
    case 'COMBO':
    case 'COMFY_DYNAMICCOMBO_V3': {
      const first = optionsOf(input)[0] ?? (Array.isArray(options) ? options[0] : undefined);
      return first === undefined || isObject(first)
        ? undefined
        : { value: first, confidence: FIRST, what: 'the first option' };
    }
    case 'INT':
    case 'FLOAT': {
      const low = typeof min === 'number' ? Math.max(min, 0) : 0;
      const value = typeof max === 'number' ? Math.min(low, max) : low;
      return { value, confidence: PLAIN, what: 'the plainest value' };
    }
    case 'BOOLEAN':
      return { value: false, confidence: PLAIN, what: 'the plainest value' };
    case 'IMAGECOMPARE':
      // What the page sends of the view, which holds nothing.
      return { value: { __value__: ['', ''] }, confidence: STATED, what: 'as the page sends it' };
    case 'STRING':
      return isLinkOnly(input) ? undefined : { value: '', confidence: PLAIN, what: 'an empty text' };
    default:
      return undefined;
  }
}

/** The options of a combo, or the keys of a dynamic one. */
export function optionsOf({ type, options: { options } }: InputDefinition): Json[] {
  if (!Array.isArray(options)) return [];
  if (type !== 'COMFY_DYNAMICCOMBO_V3') return [...options];
  return options.flatMap((one) => (isObject(one) && typeof one.key === 'string' ? [one.key] : []));
}

function isRight(input: InputDefinition, value: Json): boolean {
  if (input.type === 'COMFY_DYNAMICCOMBO_V3') return nestedInputs(input, value) !== undefined;
  return checkValue(input, value).length === 0 && !isLinkOnly(input);
}
