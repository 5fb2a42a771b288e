import { isObject, type Json } from '../../../base/json.ts';
import { checkValue } from '../../catalog/check-value.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { optionsOf } from './default-value.ts';
import type { FixContext, Fixer } from './fixer.ts';
import { defaultIn } from './held-default.ts';
import { isOption, nearestOption } from './nearest.ts';
import { settled } from './numbers.ts';
import { type Subject, setFix, shown, subjectOf } from './subject.ts';

/** A value in the place of another, and how likely it is what was meant. */
interface Meant {
  readonly value: Json;
  readonly confidence: number;
  readonly why: string;
}

/** Nothing changes: the server reads the same. */
const AS_READ = 0.95;
const YES = new Set(['yes', 'on', 'y', 'enable', 'enabled']);
const NO = new Set(['no', 'off', 'n', 'disable', 'disabled']);

/**
 * VALUE_WRONG_TYPE, VALUE_CAST, VALUE_NOT_FINITE: the value that the text or wrapper means, as the server would read it
 * or a person would; where it means nothing, the default. A file name is only ever unwrapped.
 */
export const fixValueType: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  const { declared, value } = subject ?? {};
  if (!subject || !declared || value === undefined) return { fixes: [] };
  const read = diagnostic.code === 'VALUE_CAST' ? settled(declared, value) : undefined;
  if (read !== undefined) return { fixes: [setFix(context, subject, read, 'as the server reads it', AS_READ)] };
  const isFile = declared.options.files !== undefined;
  const meant = meaningOf(declared, value) ?? (isFile ? undefined : inPlaceOf(context, subject, value));
  if (!meant)
    return { fixes: [], advice: `${subject.input} takes ${declared.type}, and ${shown(value)} means none: say which` };
  return { fixes: [setFix(context, subject, meant.value, meant.why, meant.confidence)] };
};

/** What a value of a wrong type means, where it means something. */
export function meaningOf(declared: DeclaredInput, value: Json): Meant | undefined {
  const inner = unwrapped(value);
  if (inner !== undefined) {
    const found = isRight(declared, inner) ? { value: inner, confidence: 0.95, why: 'without its wrapper' } : undefined;
    return found ?? meaningOf(declared, inner);
  }
  if (Array.isArray(value)) return memberOf(declared, value);
  const why = `${shown(value)} as ${declared.type}`;
  switch (declared.type) {
    case 'INT':
    case 'FLOAT': {
      const number = numberIn(value);
      if (number === undefined) return undefined;
      const to = settled(
        declared,
        declared.type === 'INT' && !Number.isInteger(number.value) ? Math.round(number.value) : number.value,
      );
      return to === undefined ? undefined : { value: to, confidence: number.confidence, why };
    }
    case 'BOOLEAN':
      return booleanIn(value, why);
    case 'STRING':
      return ['number', 'bigint', 'boolean'].includes(typeof value)
        ? { value: String(value), confidence: 0.9, why }
        : undefined;
    case 'COMBO': {
      if (declared.options.files !== undefined) return undefined;
      const near = nearestOption(value, optionsOf(declared));
      return near && { value: near.option, confidence: near.confidence, why: `the option nearest to ${shown(value)}` };
    }
    default:
      return undefined;
  }
}

/** The default, for a value that means nothing. */
function inPlaceOf(context: FixContext, subject: Subject, value: Json): Meant | undefined {
  const found = defaultIn(context, subject);
  return (
    found && {
      value: found.value,
      confidence: Math.min(found.confidence, 0.6),
      why: `${shown(value)} means nothing here: ${found.what}`,
    }
  );
}

/** What ComfyUI wraps lists in so that they are no links, and curves. */
function unwrapped(value: Json): Json | undefined {
  return isObject(value) && Object.hasOwn(value, '__value__') ? value.__value__ : undefined;
}

/** Of a list, its one member or the only one that the input takes. */
function memberOf(declared: DeclaredInput, list: readonly Json[]): Meant | undefined {
  const right = list.filter((one) => isRight(declared, one));
  const known =
    declared.type === 'COMBO' && declared.options.files === undefined
      ? right.filter((one) => isOption(one, optionsOf(declared)))
      : right;
  const [only] = known;
  if (only === undefined) return undefined;
  if (declared.type === 'STRING' && known.length > 1)
    return { value: known.join(', '), confidence: 0.5, why: 'the texts of the list' };
  const isSole = list.length === 1;
  return {
    value: only,
    confidence: isSole ? 0.8 : 0.6,
    why: isSole ? 'the member of the list' : 'the first member of the list that fits',
  };
}

function numberIn(value: Json): { value: number; confidence: number } | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return { value, confidence: 0.9 };
  if (typeof value === 'boolean') return { value: Number(value), confidence: 0.9 };
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/(?<=\d)_(?=\d)/g, '');
  const plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  if (plain.test(text)) return { value: Number(text), confidence: 0.9 };
  const comma = text.replace(',', '.');
  return /^[+-]?\d+,\d+$/.test(text) && plain.test(comma) ? { value: Number(comma), confidence: 0.85 } : undefined;
}

/** As the server reads it, save for the words that say no: those it takes for true, and their author did not. */
function booleanIn(value: Json, why: string): Meant | undefined {
  if (typeof value === 'string') {
    const low = value.trim().toLowerCase();
    if (low === 'true' || low === '1' || YES.has(low)) return { value: true, confidence: 0.9, why };
    if (low === 'false' || low === '0' || NO.has(low)) return { value: false, confidence: 0.8, why };
    return { value: value !== '', confidence: 0.6, why: 'as the server reads it' };
  }
  if (value === null) return { value: false, confidence: 0.6, why: 'as the server reads it' };
  return typeof value === 'number' || typeof value === 'bigint'
    ? { value: Number(value) !== 0, confidence: 0.9, why }
    : undefined;
}

function isRight(declared: DeclaredInput, value: Json): boolean {
  return checkValue(declared, value).length === 0;
}
