import { CwfError, isCwfError } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { nearest } from '../../base/nearest.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { DeclaredInput } from '../catalog/declared-inputs.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import { linkOf } from '../workflow/read-api.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import { nodeAt } from '../workflow/scopes.ts';
import type { Workflow } from '../workflow/types.ts';
import { refusal } from './checks.ts';
import { inputSlot, inputSlots } from './slots.ts';
import type { Given, Setting } from './transform.ts';
import { whereItLives } from './where-it-lives.ts';
import { setInput } from './wiring.ts';
import type { Writing } from './writing.ts';

/** How a value is written. */
export interface PutOptions {
  /** Writes what the catalog refuses, and inputs it does not know; absent where nobody may ask for that. */
  readonly force?: boolean;
  readonly writing?: Writing;
}

/** Names that no file may hold. */
const RESERVED = new Set(['', '__proto__', 'constructor', 'prototype']);
/** Instances inside instances that are looked into. */
const MOST_NESTED = 50;

/**
 * A value put where the input takes it from, after a check by the catalog. Throws INPUT_NOT_FOUND, VALUE_REFUSED (with
 * the nearest options), INPUT_LINKED, INPUT_SHARED. [TE-10] [TE-11]
 */
export function putValue(
  workflow: Workflow,
  asked: InputPlace,
  given: Given,
  { catalog, source }: Setting,
  { force, writing }: PutOptions = {},
): { readonly after: Workflow; readonly place: InputPlace } {
  const node = nodeAt(workflow, asked)!;
  const address = `${asked.node}.${asked.input}`;
  if (
    (!force || RESERVED.has(asked.input)) &&
    !inputSlot(workflow, asked, catalog) &&
    !isBesideWidget(workflow, asked)
  ) {
    const known = inputSlots(workflow, asked, catalog).map(({ name }) => name);
    const { class_type } = node;
    throw new CwfError('INPUT_NOT_FOUND', {
      source,
      node: asked.node,
      class_type,
      input: asked.input,
      known: nearest(asked.input, known),
    });
  }
  const place = whereItLives(workflow, asked, address);
  const declared = [...new Set([declaredFor(workflow, asked, catalog), declaredFor(workflow, place, catalog)])];
  const value = readGiven(
    given,
    address,
    declared.find((one) => one !== undefined),
  );
  if (!force) for (const one of declared) if (one) checkPut(one, value, address, force !== undefined);
  if (workflow.format === 'api' && linkOf(value))
    throw new CwfError('VALUE_REFUSED', { address, reason: 'an API file takes this list for a link: use `connect`' });
  return { after: setInput(workflow, place, value, catalog, writing), place };
}

/** Throws VALUE_REFUSED, with the nearest options, where the catalog does not allow a value; `mayForce`: it can be forced. */
export function checkPut(declared: DeclaredInput, value: Json, address: string, mayForce = false): void {
  const fault = refusal(declared, value);
  if (!fault) return;
  const options = optionsOf(declared);
  const near =
    options.length > 0 ? nearest(String(value), options, 5) : fault.to === undefined ? [] : [String(fault.to)];
  const data = {
    address,
    reason: fault.reason,
    ...(near.length > 0 ? { near } : {}),
    ...(mayForce ? { force: true } : {}),
  };
  throw new CwfError('VALUE_REFUSED', data);
}

/** What the catalog says of an input; of an instance's, what it says of the widget inside that it shows. */
export function declaredFor(
  workflow: Workflow,
  place: InputPlace,
  catalog: Catalog,
  steps = 0,
): DeclaredInput | undefined {
  const node = nodeAt(workflow, place);
  const inner = node && own(workflow.subgraphs, node.class_type);
  if (!inner || steps > MOST_NESTED) return inputSlot(workflow, place, catalog)?.declared;
  const key = inner.input_order.find((one) => inner.inputs[one]!.name === place.input);
  for (const [id, { links }] of Object.entries(inner.nodes)) {
    for (const [input, { from, slot }] of Object.entries(links)) {
      if (from !== INPUT_SIDE || String(slot) !== key) continue;
      const found = declaredFor(workflow, { scope: node.class_type, node: id, input }, catalog, steps + 1);
      if (found) return found;
    }
  }
  return undefined;
}

/** A value as it was given: a text is JSON, unless the input takes texts and it is not quoted. */
export function readGiven(given: Given, address: string, declared: DeclaredInput | undefined): Json {
  if ('json' in given) return given.json;
  const { text } = given;
  const takesText = declared !== undefined && ['STRING', 'COMBO', 'COMFY_DYNAMICCOMBO_V3'].includes(declared.type);
  try {
    const json = parseJson(text, { source: address });
    // An option may be a number, and 30 in the place of a text is "30".
    const isOption = declared !== undefined && declared.type !== 'STRING' && refusal(declared, json) === undefined;
    return takesText && typeof json !== 'string' && !isOption ? text : json;
  } catch (error) {
    if (isCwfError(error) && error.code !== 'JSON_SYNTAX' && !takesText) {
      const reason = error.message.replace(`${address}:`, '').replace(/^\d+:\d+: /, '');
      throw new CwfError('VALUE_INVALID', { address, reason }, { cause: error, hint: error.hint });
    }
    return text;
  }
}

function optionsOf({ options, type }: DeclaredInput): string[] {
  const list = Array.isArray(options.options) ? options.options : [];
  if (type === 'COMFY_DYNAMICCOMBO_V3') return list.flatMap((one) => (isObject(one) ? [String(one.key)] : []));
  return list.filter((one) => typeof one !== 'object').map(String);
}

/** A widget that only the page has: `control_after_generate`. */
function isBesideWidget(workflow: Workflow, { input, ...place }: InputPlace): boolean {
  return workflow.format === 'ui' && own(nodeAt(workflow, place)?.widgets, input) !== undefined;
}
