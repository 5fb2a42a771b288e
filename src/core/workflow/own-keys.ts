import type { JsonObject } from '../../base/json.ts';

/**
 * Keys that cwf itself puts into `ui`. A file may use the same words for something else: such a member is carried under
 * `carried`, so that it comes back as it was. [CF-12]
 */
export const NODE_KEYS: ReadonlySet<string> = new Set([
  'sockets',
  'socket_order',
  'link_attrs',
  'outputs',
  'odd_inputs',
  'odd_outputs',
  'id_form',
  'no_mode',
  'widgets_form',
  'widget_order',
  'named',
  'unnamed',
  'odd_named',
  'carried',
]);

/** The same for one input or output socket of a node. */
export const SOCKET_KEYS: ReadonlySet<string> = new Set(['no_link', 'no_links', 'carried']);

/** The same for a document and for a subgraph definition. */
export const SCOPE_KEYS: ReadonlySet<string> = new Set([
  'definitions',
  'link_form',
  'loose_links',
  'groups',
  'odd_groups',
  'state',
  'odd_name',
  'carried',
]);

/** The same for a slot of a subgraph's interface. */
export const SLOT_KEYS: ReadonlySet<string> = new Set(['link_attrs', 'no_link_ids', 'odd_name', 'carried']);

/** The members a file gave, without those that are cwf's own; what was carried apart is put back. */
export function without(ui: Readonly<JsonObject>, own: ReadonlySet<string>): JsonObject {
  const out: JsonObject = {};
  for (const key in ui) if (!own.has(key)) out[key] = ui[key]!;
  return ui.carried === undefined ? out : Object.assign(out, ui.carried);
}

/** A file's members as they go into `ui`: those that share a name with cwf's own are set apart. */
export function setApart(members: JsonObject, own: ReadonlySet<string>): JsonObject {
  let carried: JsonObject | undefined;
  for (const key of Object.keys(members)) {
    if (!own.has(key)) continue;
    carried ??= {};
    carried[key] = members[key]!;
    delete members[key];
  }
  if (carried) members.carried = carried;
  return members;
}
