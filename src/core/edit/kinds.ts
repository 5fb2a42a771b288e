import { isObject, type Json } from '../../base/json.ts';

/**
 * The vocabulary of edits: `pattern` is a place of the keyed form inside a scope (`*` is any one key, a trailing `**`
 * any rest), `when` which sides must be there. The first row that fits names the edit; order of rows is the order in
 * which a diff lists its edits. What fits no other row is `set-presentation`; new ids come last, since every other edit
 * of a diff speaks of things by their old ids. A new kind is a row here and a row in docs/glossary.md.
 */
const ROWS = [
  { kind: 'set-format', pattern: 'format', presentation: false },
  { kind: 'add-subgraph', pattern: 'subgraphs/*', when: 'added', presentation: false },
  { kind: 'remove-node', pattern: 'nodes/*', when: 'removed', presentation: false },
  { kind: 'replace-node', pattern: 'nodes/*', when: 'changed', presentation: false },
  { kind: 'add-node', pattern: 'nodes/*', when: 'added', presentation: false },
  { kind: 'disconnect', pattern: 'nodes/*/links/*', when: 'removed', presentation: false },
  { kind: 'connect', pattern: 'nodes/*/links/*', presentation: false },
  { kind: 'set-mode', pattern: 'nodes/*/mode', presentation: false },
  { kind: 'set-input', pattern: 'nodes/*/widgets/*', presentation: false },
  { kind: 'set-positional', pattern: 'nodes/*/positional', presentation: false },
  { kind: 'set-proxies', pattern: 'nodes/*/ui/properties/proxyWidgets/**', presentation: false },
  { kind: 'set-interface', pattern: 'inputs/**', presentation: false },
  { kind: 'set-interface', pattern: 'input_order', presentation: false },
  { kind: 'set-interface', pattern: 'outputs/**', presentation: false },
  { kind: 'set-interface', pattern: 'output_order', presentation: false },
  { kind: 'remove-subgraph', pattern: 'subgraphs/*', when: 'removed', presentation: false },
  { kind: 'rename-node', pattern: 'nodes/*/ui/title', presentation: true },
  { kind: 'rename-subgraph', pattern: 'name', presentation: true },
  { kind: 'set-presentation', pattern: '', presentation: true },
  { kind: 'renumber', pattern: '', presentation: true },
] as const;

/** Maps whose keys are ids: a change of one as a whole is a change of ids. */
const ID_MAPS = ['nodes', 'inputs', 'outputs', 'subgraphs'];

export type EditKind = (typeof ROWS)[number]['kind'];

/** Kinds that change only how things look or stand. */
export const PRESENTATION_KINDS: ReadonlySet<EditKind> = new Set(ROWS.filter((r) => r.presentation).map((r) => r.kind));

const PROPERTIES = ['nodes', '*', 'ui', 'properties'];

/** Place of a kind in the listing order of a diff. */
export function rankOf(kind: EditKind): number {
  return ROWS.findIndex((row) => row.kind === kind);
}

/** The kind of a change at a place. */
export function kindOf(path: readonly string[], from: Json | undefined, to: Json | undefined): EditKind {
  const when = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed';
  const place = insideScope(path);
  if (place.length === 1 && ID_MAPS.includes(place[0]!)) return 'renumber';
  // Presentation lies under `ui` in the interface of a subgraph too.
  const isUi = place[2] === 'ui';
  // Properties come and go as a whole, and may hold what a subgraph instance promotes.
  if (fits(PROPERTIES, place) && (hasProxies(from) || hasProxies(to))) return 'set-proxies';
  for (const row of ROWS) {
    if ('when' in row && row.when !== when) continue;
    if (isUi && row.kind === 'set-interface') continue;
    if (fits(row.pattern.split('/'), place)) return row.kind;
  }
  return 'set-presentation';
}

function hasProxies(properties: Json | undefined): boolean {
  return isObject(properties) && properties.proxyWidgets !== undefined;
}

/** A place without the part that names its scope. */
export function insideScope(path: readonly string[]): readonly string[] {
  return path[0] === 'subgraphs' && path.length > 2 ? path.slice(2) : path;
}

/** Whether a place is one of a pattern's. */
export function fits(pattern: readonly string[], place: readonly string[]): boolean {
  for (const [i, part] of pattern.entries()) {
    if (part === '**') return true;
    if (i >= place.length || (part !== '*' && part !== place[i])) return false;
  }
  return pattern.length === place.length;
}

/**
 * Whether a diff stops at this place and takes the value as a whole: widget values, links, lists, and the positional
 * copy (its object comes and goes). Half of one link and half of another is no link. [PT-2]
 */
export function isAtomic(path: readonly string[]): boolean {
  const place = insideScope(path);
  if (place[0] === 'nodes') {
    if (place[2] === 'widgets' || place[2] === 'links') return place.length >= 4;
    return place[2] === 'positional';
  }
  if (place[0] === 'ui' && place[1] === 'loose_links') return place.length >= 3;
  return (place[0] === 'inputs' || place[0] === 'outputs') && (place[2] === 'link' || place[2] === 'type');
}
