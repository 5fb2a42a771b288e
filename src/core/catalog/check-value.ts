import type { Json } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import type { InputDefinition } from './catalog.ts';
import { nestedInputs } from './nested-inputs.ts';
import { widgetKind } from './widget-kinds.ts';

/** Names of the files that a server has, by folder (`checkpoints`, `loras`, `input` ...). */
export type FileLists = Readonly<Record<string, readonly string[]>>;

/** What is wrong with a value that stands in an input. */
export type ValueFaultCode =
  | 'VALUE_ON_LINK_INPUT'
  | 'VALUE_WRONG_TYPE'
  | 'VALUE_CAST'
  | 'VALUE_NOT_FINITE'
  | 'VALUE_TOO_SMALL'
  | 'VALUE_TOO_BIG'
  | 'VALUE_OFF_STEP'
  | 'VALUE_NOT_IN_LIST'
  | 'OPTION_UNKNOWN'
  | 'FILE_MISSING';

/** One fault of a value; `to` is the value it would be after the least change that cures it, where there is one. */
export interface ValueFault {
  readonly code: ValueFaultCode;
  readonly reason: string;
  readonly to?: Json;
}

/** Steps are decimal fractions in binary: a value may be off by as much as rounding leaves. */
const STEP_SLACK = 1e-6;

/**
 * What is wrong with a plain value in an input, the worst first; empty when it is right. Lists of files are looked at
 * only where `files` knows the folder. Stricter than the server, which casts (`"12"`, 3.7 for an INT), takes any value
 * in an input for links only, and looks at no step.
 */
export function checkValue(input: InputDefinition, value: Json, files?: FileLists): ValueFault[] {
  switch (input.type) {
    case 'INT':
      return checkNumber(input, value, true);
    case 'FLOAT':
      return checkNumber(input, value, false);
    case 'BOOLEAN':
      return checkBoolean(value);
    case 'STRING':
      return checkText(input, value);
    case 'COMBO':
      return checkOption(input, value, files);
    case 'COMFY_DYNAMICCOMBO_V3':
      return checkKey(input, value);
    default:
      return checkOther(input, value);
  }
}

/** Whether an input takes nothing but links: a plain value there makes the node fail when it runs. */
export function isLinkOnly(input: InputDefinition): boolean {
  const { type, options } = input;
  if (isPlainType(type)) return false;
  return (
    options.forceInput === true || (widgetKind(input) === 'none' && !DRAWN.has(type) && options.default === undefined)
  );
}

/** Types of which the page's scripts draw widgets, so that prompts hold values of them. */
const DRAWN = new Set([
  'COLORS',
  'RANGE',
  'IMAGECOMPARE',
  'PREVIEW_3D',
  'LOAD_3D',
  'LOAD_3D_ADVANCED',
  'AUDIO_UI',
  'UPLOAD',
]);

/** Types of which a prompt can hold a plain value though the page draws no widget (`FLOAT,INT`, `*`). */
function isPlainType(type: string): boolean {
  if (type === 'COMBO' || type === 'COMFY_DYNAMICCOMBO_V3') return true;
  return type.split(',').some((one) => ['INT', 'FLOAT', 'STRING', 'BOOLEAN', '*', 'COMFY_MATCHTYPE_V3'].includes(one));
}

function checkNumber({ options }: InputDefinition, value: Json, isInt: boolean): ValueFault[] {
  const kind = isInt ? 'a whole number' : 'a number';
  const faults: ValueFault[] = [];
  let number: number | bigint;
  if (typeof value === 'number' || typeof value === 'bigint') number = value;
  else {
    const read = castNumber(value, isInt);
    if (read === undefined) return [{ code: 'VALUE_WRONG_TYPE', reason: `${shown(value)} is not ${kind}` }];
    faults.push({ code: 'VALUE_CAST', reason: `${shown(value)} is not ${kind}: the server reads ${read}`, to: read });
    number = read;
  }
  if (typeof number === 'number' && !Number.isFinite(number))
    return [{ code: 'VALUE_NOT_FINITE', reason: `${shown(value)} is no finite number` }];
  if (isInt && typeof number === 'number' && !Number.isInteger(number)) {
    const cut = Math.trunc(number);
    faults.push({ code: 'VALUE_CAST', reason: `${number} is not a whole number: the server reads ${cut}`, to: cut });
    number = cut;
  }
  return [...checkRange(options, number), ...faults];
}

function checkRange(options: InputDefinition['options'], number: number | bigint): ValueFault[] {
  const { min, max, step } = options;
  if (isNumber(min) && number < min) return [{ code: 'VALUE_TOO_SMALL', reason: `${number} is below ${min}`, to: min }];
  if (isNumber(max) && number > max) return [{ code: 'VALUE_TOO_BIG', reason: `${number} is above ${max}`, to: max }];
  if (typeof step !== 'number' || step <= 0 || typeof number !== 'number') return [];
  const base = typeof min === 'number' && Math.abs(min) < Number.MAX_SAFE_INTEGER ? min : 0;
  const steps = (number - base) / step;
  const isNear = (one: number): boolean => Math.abs(one - Math.round(one)) < STEP_SLACK * Math.max(1, Math.abs(one));
  // Nodes whose lowest value is itself off the steps (min 1, step 8) count them from 0.
  if (isNear(steps) || isNear(number / step)) return [];
  const to = tidy(base + Math.round(steps) * step);
  return [{ code: 'VALUE_OFF_STEP', reason: `${number} is not on a step of ${step} from ${base}`, to }];
}

/** Without the last bits that adding binary fractions leaves (0.30000000000000004). */
function tidy(number: number): number {
  return Number(number.toPrecision(12));
}

/** What Python's int() or float() makes of a value that is no number; undefined where it raises. */
function castNumber(value: Json, isInt: boolean): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/(?<=\d)_(?=\d)/g, '');
  if (isInt) return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function checkBoolean(value: Json): ValueFault[] {
  if (typeof value === 'boolean') return [];
  if (value === 0 || value === 1)
    return [{ code: 'VALUE_CAST', reason: `${value} is not true or false`, to: value === 1 }];
  const low = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const to = low === 'true' ? true : low === 'false' ? false : undefined;
  const reason = `${shown(value)} is not true or false: the server takes any text but "" for true`;
  return [{ code: 'VALUE_CAST', reason, ...(to === undefined ? {} : { to }) }];
}

function checkText({ options }: InputDefinition, value: Json): ValueFault[] {
  if (typeof value === 'string') return [];
  if (options.forceInput === true && value === null) return [];
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return [{ code: 'VALUE_CAST', reason: `${shown(value)} is not a text`, to: String(value) }];
  return [{ code: 'VALUE_WRONG_TYPE', reason: `${shown(value)} is not a text` }];
}

function checkOption({ options }: InputDefinition, value: Json, files: FileLists | undefined): ValueFault[] {
  const folder = options.files;
  const stated = Array.isArray(options.options) ? options.options : undefined;
  if (typeof folder === 'string') {
    const [name, from] = fileAndFolder(value, folder);
    const list = files && Object.hasOwn(files, from) ? files[from] : undefined;
    if (typeof value !== 'string' || value === '')
      return [{ code: 'VALUE_WRONG_TYPE', reason: `${shown(value)} is not the name of a file` }];
    if (stated?.includes(value) || list === undefined || list.includes(name)) return [];
    return [{ code: 'FILE_MISSING', reason: `the server has no ${shown(name)} in ${from}` }];
  }
  // An empty list is filled by the page or when the node runs.
  if (stated === undefined || stated.length === 0) return [];
  const many = options.multiselect === true && Array.isArray(value) ? value : [value];
  const wrong = many.find((one) => !stated.some((option) => jsonEqual(option, one)));
  if (wrong === undefined) return [];
  return [{ code: 'VALUE_NOT_IN_LIST', reason: `${shown(wrong)} is none of the ${stated.length} options` }];
}

/** File names may tell which of the server's three folders they lie in: `a.png [output]`. */
function fileAndFolder(name: Json, folder: string): [name: string, folder: string] {
  const text = String(name);
  const [, own, other] = (folder === 'input' && /^(.*) \[(input|output|temp)\]$/s.exec(text)) || [];
  return own === undefined || other === undefined ? [text, folder] : [own, other];
}

function checkKey(input: InputDefinition, value: Json): ValueFault[] {
  if (nestedInputs(input, value)) return [];
  return [{ code: 'OPTION_UNKNOWN', reason: `${shown(value)} is none of its options` }];
}

function checkOther(input: InputDefinition, value: Json): ValueFault[] {
  if (!isLinkOnly(input)) return [];
  return [{ code: 'VALUE_ON_LINK_INPUT', reason: `it takes a link of type ${input.type}, and holds ${shown(value)}` }];
}

function isNumber(value: Json | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A value as a message shows it. */
function shown(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? Number(one) : one));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
