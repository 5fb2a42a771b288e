import { isCwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';

/** One edit a model asks for, as it was read: nothing of it is checked against a workflow yet. */
export type Operation =
  | { readonly op: 'set'; readonly node: string; readonly input: string; readonly value: Scalar }
  | {
      readonly op: 'connect';
      readonly node: string;
      readonly input: string;
      readonly from: string;
      readonly output: number;
    }
  | { readonly op: 'disconnect'; readonly node: string; readonly input: string }
  | { readonly op: 'add-node'; readonly as: string; readonly class: string }
  | { readonly op: 'remove-node'; readonly node: string }
  | { readonly op: 'replace-class'; readonly node: string; readonly class: string };

/** A value that a model may give: never a list or an object. */
export type Scalar = string | number | bigint | boolean;

/** Edits that belong together, and the findings they are meant to cure. */
export interface Repair {
  readonly cures: readonly string[];
  readonly edits: readonly Operation[];
}

/** Why something in an answer changes nothing. */
export const REFUSALS = {
  NOT_JSON: 'the answer is not one JSON document',
  TOO_LONG: 'the answer is too long',
  TOO_MANY: 'there are too many repairs or edits',
  WRONG_SHAPE: 'it is not of the agreed shape',
  OUT_OF_SCOPE: 'it speaks of what was not put, or changes what no finding is about',
  CLASS_REFUSED: 'no class that may be used',
  INPUT_UNKNOWN: 'the node has no such input or output',
  VALUE_REFUSED: 'the input does not take such a value',
  TYPE_REFUSED: 'the input does not take what that output gives',
  FILE_REFUSED: 'which file is meant is for the user to say',
  TEXT_REFUSED: 'a text where none was asked for, or of a kind that none may be',
  NO_CHANGE: 'it changes nothing',
  NOT_POSSIBLE: 'it cannot be done in this workflow',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** One thing that was refused: the whole answer, a repair, or an edit of it (counted from 1). */
export interface Refusal {
  readonly code: RefusalCode;
  readonly repair?: number;
  readonly edit?: number;
}

/** What an answer says. */
export interface ReadAnswer {
  /** By their numbers in the answer, from 1. */
  readonly repairs: ReadonlyMap<number, Repair>;
  readonly refused: readonly Refusal[];
}

const MOST_BYTES = 64 * 1024;
const MOST_DEPTH = 8;
const MOST_REPAIRS = 12;
const MOST_EDITS = 12;
const MOST_NAME = 200;
const MOST_TEXT = 2000;
/** The one block of code that may stand around the JSON. */
const FENCED = /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```$/;

/** The fields of every operation, and what each holds. */
const FIELDS: Readonly<Record<Operation['op'], Readonly<Record<string, Field>>>> = {
  set: { node: 'name', input: 'name', value: 'scalar' },
  connect: { node: 'name', input: 'name', from: 'name', output: 'index' },
  disconnect: { node: 'name', input: 'name' },
  'add-node': { as: 'name', class: 'name' },
  'remove-node': { node: 'name' },
  'replace-class': { node: 'name', class: 'name' },
};

type Field = 'name' | 'scalar' | 'index';

const FIELD_SCHEMAS: Readonly<Record<Field, JsonObject>> = {
  name: { type: 'string' },
  scalar: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
  index: { type: 'integer' },
};

/** JSON schema of an answer, for servers that keep a model to one. Every member is required, as OpenAI's strict mode wants. */
export const ANSWER_SCHEMA: JsonObject = objectSchema({
  repairs: {
    type: 'array',
    items: objectSchema({
      cures: { type: 'array', items: { type: 'string' } },
      edits: {
        type: 'array',
        items: {
          anyOf: Object.entries(FIELDS).map(([op, fields]) =>
            objectSchema({
              op: { type: 'string', enum: [op] },
              ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, FIELD_SCHEMAS[field]])),
            }),
          ),
        },
      },
    }),
  },
});

/**
 * Reads what a model answered, which may be anything: JSON, or JSON as the one block of code of the answer. What is of
 * another shape is refused; a repair with one wrong edit is refused as a whole. Never throws. [LM-11]
 */
export function readAnswer(text: string): ReadAnswer {
  const whole = (code: RefusalCode): ReadAnswer => ({ repairs: new Map(), refused: [{ code }] });
  if (text.length > MOST_BYTES) return whole('TOO_LONG');
  const trimmed = text.trim();
  const json = parse(FENCED.exec(trimmed)?.[1] ?? trimmed);
  if (json === undefined) return whole('NOT_JSON');
  if (!isObject(json) || !hasOnly(json, ['repairs']) || !Array.isArray(json.repairs)) return whole('WRONG_SHAPE');
  if (json.repairs.length > MOST_REPAIRS) return whole('TOO_MANY');
  const repairs = new Map<number, Repair>();
  const refused: Refusal[] = [];
  for (const [i, one] of json.repairs.entries()) {
    const read = readRepair(one);
    if ('code' in read) refused.push({ ...read, repair: i + 1 });
    else repairs.set(i + 1, read);
  }
  return { repairs, refused };
}

function parse(text: string): Json | undefined {
  try {
    return parseJson(text, { source: 'the answer', maxBytes: MOST_BYTES, maxDepth: MOST_DEPTH });
  } catch (error) {
    if (isCwfError(error)) return undefined;
    throw error;
  }
}

function readRepair(json: Json): Repair | Refusal {
  if (!isObject(json) || !hasOnly(json, ['cures', 'edits'])) return { code: 'WRONG_SHAPE' };
  const { cures, edits } = json;
  if (!Array.isArray(cures) || !Array.isArray(edits)) return { code: 'WRONG_SHAPE' };
  if (cures.length > MOST_REPAIRS || edits.length > MOST_EDITS) return { code: 'TOO_MANY' };
  if (cures.length === 0 || !cures.every(isName)) return { code: 'WRONG_SHAPE' };
  const read: Operation[] = [];
  for (const [i, edit] of edits.entries()) {
    const operation = readOperation(edit);
    if (!operation) return { code: 'WRONG_SHAPE', edit: i + 1 };
    read.push(operation);
  }
  return { cures: cures as string[], edits: read };
}

function readOperation(json: Json): Operation | undefined {
  if (!isObject(json) || typeof json.op !== 'string' || !Object.hasOwn(FIELDS, json.op)) return undefined;
  const fields = FIELDS[json.op as Operation['op']];
  if (!hasOnly(json, ['op', ...Object.keys(fields)])) return undefined;
  const isRight = Object.entries(fields).every(
    ([name, field]) => Object.hasOwn(json, name) && fits(json[name]!, field),
  );
  return isRight ? (json as unknown as Operation) : undefined;
}

function fits(value: Json, field: Field): boolean {
  if (field === 'name') return isName(value);
  if (field === 'index') return Number.isSafeInteger(value) && (value as number) >= 0;
  if (typeof value === 'string') return value.length <= MOST_TEXT;
  return ['number', 'bigint', 'boolean'].includes(typeof value);
}

function isName(value: Json): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MOST_NAME;
}

function hasOnly(json: JsonObject, names: readonly string[]): boolean {
  return Object.keys(json).every((key) => names.includes(key));
}

function objectSchema(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
