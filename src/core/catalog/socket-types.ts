import { isObject, type Json } from '../../base/json.ts';
import type { InputDefinition } from './catalog.ts';

const ANY = '*';
const MATCH = 'COMFY_MATCHTYPE_V3';

/** What a MatchType template lets through, `*` for everything; undefined for any other input. */
export function allowedTypes({ type, options }: Pick<InputDefinition, 'type' | 'options'>): string | undefined {
  if (type !== MATCH) return undefined;
  const allowed = isObject(options.template) ? options.template.allowed_types : undefined;
  return typeof allowed === 'string' ? allowed : ANY;
}

/**
 * Whether an output may feed an input, by ComfyUI's rule: equal types, `*` or a MatchType on either side, lists
 * separated by commas that share a member, and a list of options (a list, or `COMBO`) into a `COMBO`. MatchTypes are
 * resolved by `matchType`, not here. Source: ComfyUI, comfy_execution/validation.py.
 */
export function typesFit(output: Json, input: string): boolean {
  if (Array.isArray(output)) return input === 'COMBO' || input === ANY;
  if (typeof output !== 'string') return false;
  if (output === input || output === ANY || input === ANY || output === MATCH || input === MATCH) return true;
  if (!output.includes(',') && !input.includes(',')) return false;
  const takes = new Set(input.split(',').map((one) => one.trim()));
  return output.split(',').some((one) => takes.has(one.trim()));
}
