import type { Json } from '../../../base/json.ts';
import { jsonEqual } from '../../../base/json-text.ts';
import type { InputDefinition } from '../../catalog/catalog.ts';
import type { EngineRules } from './engine-rules.ts';

const MATCH = 'COMFY_MATCHTYPE_V3';

/** The type of an input as the engine compares it: the options themselves where a combo of V1 is a list. */
export function typeOf({ type, options, listed }: InputDefinition): Json {
  return listed ? (options.options ?? []) : type;
}

/**
 * Whether an output of one type may be linked to an input of another: the same, `*` or a matched type on either side, or
 * lists of types, joined by commas, that have one in common.
 */
export function fitsInput(received: Json, input: InputDefinition, rules: EngineRules): boolean {
  const wanted = typeOf(input);
  if (received === '*' || wanted === '*' || jsonEqual(received, wanted)) return true;
  if (rules.matchesTypes) {
    if (received === MATCH || wanted === MATCH) return true;
    if (Array.isArray(received) && wanted === 'COMBO') return true;
  }
  if (typeof received !== 'string' || typeof wanted !== 'string') return false;
  const types = new Set(received.split(',').map((one) => one.trim()));
  const accepted = wanted.split(',').map((one) => one.trim());
  // From 0.33.0 on the check of the parts knows `*`; before, the types themselves did.
  return types.has('*') || accepted.some((one) => one === '*' || types.has(one));
}
