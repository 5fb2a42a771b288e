import { isObject, type Json } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { Trailer } from './trailers.ts';

/** The changes each file's `Cwf-Patch` states: place and the op's text; files whose patch is only a digest are left out. */
export function statedPatches(trailers: readonly Trailer[]): Map<string, Map<string, string>> {
  const patches = new Map<string, Map<string, string>>();
  for (const { key, value } of trailers) {
    if (key !== 'Cwf-Patch') continue;
    const stated = parsed(value);
    if (!isObject(stated) || typeof stated['file'] !== 'string' || !Array.isArray(stated['patch'])) continue;
    const ops = new Map<string, string>();
    for (const op of stated['patch']) {
      if (!isObject(op) || op['op'] === 'test') continue;
      for (const path of [op['from'], op['path']]) if (typeof path === 'string') ops.set(path, canonicalJson(op));
    }
    if (ops.size > 0) patches.set(stated['file'], ops);
  }
  return patches;
}

/** The graph digest that a commit states for each of its files. */
export function graphDigests(trailers: readonly Trailer[]): Map<string, string> {
  const graphs = new Map<string, string>();
  for (const { key, value } of trailers) {
    const at = value.indexOf(' ');
    if (key !== 'Cwf-Graph' || at < 1) continue;
    // A name that a line cannot hold as it is stands there as a JSON string.
    const name = value.slice(at + 1);
    const quoted = name.startsWith('"') ? parsed(name) : undefined;
    graphs.set(typeof quoted === 'string' ? quoted : name, value.slice(0, at));
  }
  return graphs;
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text, { source: 'trailer' });
  } catch {
    return undefined; // a message that plain git wrote or cut
  }
}
