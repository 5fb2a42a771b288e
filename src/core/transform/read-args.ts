import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { nearest } from '../../base/nearest.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { parseNodeAddress, parseScope, parseSlotAddress } from '../workflow/address.ts';
import { own } from '../workflow/names.ts';
import { nodeAt } from '../workflow/scopes.ts';
import type { Workflow } from '../workflow/types.ts';
import { isSide, outputSlots } from './slots.ts';
import type { AnyTransform, ArgSpec, Given, OutputPlace } from './transform.ts';

/** The workflow that addresses are looked up in, and how values are meant. */
export interface ArgSource {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly source: string;
  /** Words of a command line: values are read by what takes them. In a file they are JSON as they stand. */
  readonly isTyped: boolean;
}

/**
 * The arguments of a transform, read by its table. Throws TRANSFORM_ARGS where one is missing, unknown or of another
 * kind, and the errors of addresses.
 */
export function readArgs(transform: AnyTransform, given: Readonly<JsonObject>, at: ArgSource): Record<string, unknown> {
  const specs = transform.args as Readonly<Record<string, ArgSpec>>;
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) throw badArgs(transform, `no argument ${name.slice(0, 60)}`);
  }
  for (const [name, spec] of Object.entries(specs)) {
    const value = own(given, name);
    if (value === undefined || value === null) {
      if (spec.required) throw badArgs(transform, `${name} is missing: ${spec.description}`);
      continue;
    }
    out[name] = readArg(transform, name, spec, value, at);
  }
  return out;
}

/** The table of arguments in one line, for hints. */
export function usageOf({ args }: AnyTransform): string[] {
  const specs = Object.entries(args as Readonly<Record<string, ArgSpec>>);
  return specs.map(([name, { required, at, off }]) => {
    if (at === undefined) return off ? `--no-${name}` : `--${name}`;
    return required ? `<${name}>` : `[<${name}>]`;
  });
}

/** The error of arguments that a transform does not take. */
export function badArgs(transform: AnyTransform, reason: string): CwfError {
  return new CwfError('TRANSFORM_ARGS', { transform: transform.name, reason, known: usageOf(transform) });
}

function readArg(transform: AnyTransform, name: string, spec: ArgSpec, value: Json, at: ArgSource): unknown {
  const { workflow, source } = at;
  const wrong = (kind: string): CwfError => badArgs(transform, `${name} is ${kind}, and not ${shown(value)}`);
  const text = (): string => {
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    if (typeof value !== 'string') throw wrong('a text');
    if (spec.options && !spec.options.includes(value)) throw wrong(`one of ${spec.options.join(', ')}`);
    return value;
  };
  switch (spec.type) {
    case 'text':
      return text();
    case 'node':
      return parseNodeAddress(text(), workflow, source);
    case 'subgraph':
      return parseScope(text(), workflow, source);
    case 'input': {
      const { slot, ...place } = parseSlotAddress(text(), workflow, source);
      return { ...place, input: slot };
    }
    case 'output':
      return readOutput(text(), at);
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong('a number');
      if (number < (spec.min ?? -Infinity)) throw wrong(`at least ${spec.min}`);
      if (number > (spec.max ?? Infinity)) throw wrong(`at most ${spec.max}`);
      return number;
    }
    case 'flag':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      throw wrong('true or false');
    case 'value':
      return givenValue(value, at);
    case 'values':
      if (!isObject(value)) throw wrong('an object of values by input');
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, givenValue(one, at)]));
    case 'names':
      if (!isObject(value)) throw wrong('an object of texts');
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => {
          if (typeof one !== 'string') throw wrong('an object of texts');
          return [key, one];
        }),
      );
    case 'texts': {
      const list = typeof value === 'string' ? value.split(',') : value;
      if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) throw wrong('a list of texts');
      return list;
    }
  }
}

function givenValue(value: Json, { isTyped }: ArgSource): Given {
  return isTyped && typeof value === 'string' ? { text: value } : { json: value };
}

/**
 * Reads `<node>.<output>`; the whole text may be a node as well, since titles and classes have dots. Throws
 * NODE_NOT_FOUND or OUTPUT_NOT_FOUND.
 */
export function readOutput(text: string, { workflow, catalog, source }: Omit<ArgSource, 'isTyped'>): OutputPlace {
  let place: ReturnType<typeof parseSlotAddress>;
  try {
    place = parseSlotAddress(text, workflow, source);
  } catch (error) {
    if (text.includes('.') && !isWholeNode(text, workflow)) throw error;
    return { ...parseNodeAddress(text, workflow, source), slot: undefined };
  }
  const { slot: name, ...node } = place;
  const slots = outputSlots(workflow, node, catalog);
  if (slots === undefined) {
    if (/^\d{1,4}$/.test(name)) return { ...node, slot: Number(name) };
    throw outputMissing(workflow, node, name, [], source);
  }
  const byName = slots.filter((one) => one.name === name);
  const found =
    (byName.length === 1 ? byName[0] : undefined) ??
    slots.find((one) => one.slot === name) ??
    (/^\d{1,4}$/.test(name) ? slots[Number(name)] : undefined) ??
    byName[0] ??
    slots.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!found)
    throw outputMissing(
      workflow,
      node,
      name,
      slots.map((one, at) => one.name || String(at)),
      source,
    );
  return { ...node, slot: found.slot };
}

function isWholeNode(text: string, workflow: Workflow): boolean {
  try {
    parseNodeAddress(text, workflow);
    return true;
  } catch {
    return false;
  }
}

function outputMissing(
  workflow: Workflow,
  place: { scope?: string | undefined; node: string },
  output: string,
  known: readonly string[],
  source: string,
): CwfError {
  const at = { ...(place.scope === undefined ? {} : { scope: place.scope }), node: place.node };
  const class_type = isSide(at.scope, at.node) ? 'side of the subgraph' : nodeAt(workflow, at)!.class_type;
  return new CwfError('OUTPUT_NOT_FOUND', {
    source,
    node: place.node,
    class_type,
    output,
    known: nearest(output, known),
  });
}

function shown(value: Json): string {
  const text = JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? Number(one) : one)) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
