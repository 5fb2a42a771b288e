import type { Json } from '../../base/json.ts';
import { type EditKind, kindOf, PRESENTATION_KINDS } from './kinds.ts';

/**
 * One typed change of a workflow: a place of the keyed form, what stood there and what stands there now; an absent
 * side means that nothing stood or stands there. The same edits serve diff, patch, merge, blame and messages.
 */
export interface Edit {
  readonly kind: EditKind;
  /** Keys from the root of the keyed form, e.g. `['nodes', '3', 'widgets', 'steps']`. */
  readonly path: readonly string[];
  readonly from?: Json;
  readonly to?: Json;
}

/** What an edit is about, taken apart. */
export interface EditTarget {
  /** Id of the subgraph definition; absent for the root. */
  readonly scope?: string;
  readonly node?: string;
  /** Name of the widget or input, for edits of one value. */
  readonly input?: string;
}

/** Makes an edit of a place: its kind follows from the place and from which side is absent. */
export function makeEdit(path: readonly string[], from: Json | undefined, to: Json | undefined): Edit {
  const edit = { kind: kindOf(path, from, to), path };
  return { ...edit, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Whether an edit changes only how things look or stand, never what runs. */
export function isPresentationEdit(edit: Edit): boolean {
  return PRESENTATION_KINDS.has(edit.kind);
}

/** The scope, node and input an edit is about. */
export function targetOf({ path }: Pick<Edit, 'path'>): EditTarget {
  const scope = path[0] === 'subgraphs' ? path[1] : undefined;
  const rest = path[0] === 'subgraphs' ? path.slice(2) : path;
  const node = rest[0] === 'nodes' ? rest[1] : undefined;
  const isValue = node !== undefined && (rest[2] === 'widgets' || rest[2] === 'links');
  return {
    ...(scope === undefined ? {} : { scope }),
    ...(node === undefined ? {} : { node }),
    ...(isValue ? { input: rest[3] } : {}),
  };
}
