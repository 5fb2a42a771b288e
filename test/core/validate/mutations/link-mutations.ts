import type { Json } from '../../../../src/base/json.ts';
import { linkOf } from '../../../../src/core/workflow/read-api.ts';
import {
  type Draft,
  isOutput,
  linkSites,
  type Mutation,
  nodesOf,
  otherOutputs,
  put,
  readersOf,
  type Site,
  shown,
  valueSites,
} from './draft.ts';

/** Faults of links, by the name of the mutation. */
export const LINK_MUTATIONS: Readonly<Record<string, Mutation>> = {
  autogrow_gap: (draft) =>
    at(draft, linkSites(draft).filter(isGrowing), ({ inputs, id, name, value }) => {
      delete inputs[name];
      inputs[name.replace(/[^.]+$/, 'zzz9')] = value;
      return `${id}.${name}`;
    }),
  compatible_relink: (draft) => relink(draft, true),
  wrong_link_type: (draft) => relink(draft, false),
  cycle2: (draft) => cycle(draft, true),
  cycle_any: (draft) => cycle(draft, false),
  cycle_two_outputs(draft) {
    const outputs = nodesOf(draft).filter(isOutput);
    const made = outputs.length === 0 ? undefined : cycle(draft, true);
    if (made === undefined) return undefined;
    const { node } = draft.random.pick(outputs);
    draft.prompt.dup_out = structuredClone(node);
    return `${made} +dup_out`;
  },
  dangling_node: (draft) =>
    at(draft, linkSites(draft), (site) => put(site, [draft.random.pick(['99999', '0:0', 'no-such']), slotOf(site)])),
  drop_optional_link: (draft) => drop(draft, linkSites(draft).filter(isOptional)),
  drop_required_link: (draft) => drop(draft, linkSites(draft).filter(isRequired)),
  int_node_id: (draft) =>
    at(
      draft,
      linkSites(draft).filter(({ value }) => /^\d+$/.test(linkOf(value)!.from)),
      (site) => put(site, [Number(linkOf(site.value)!.from), slotOf(site)]),
    ),
  link_empty: (draft) => at(draft, linkSites(draft), (site) => put(site, [])),
  link_len1: (draft) => at(draft, linkSites(draft), (site) => put(site, [linkOf(site.value)!.from])),
  link_len3: (draft) => at(draft, linkSites(draft), (site) => put(site, [...(site.value as Json[]), 0])),
  link_null_id: (draft) => at(draft, linkSites(draft), (site) => put(site, [null, slotOf(site)])),
  link_to_scalar: (draft) =>
    at(draft, linkSites(draft).filter(isLinkOnlySite), (site) =>
      put(site, draft.random.pick<Json>([1, 'text', true, {}, null])),
    ),
  self_link: (draft) => at(draft, linkSites(draft), (site) => put(site, [site.id, 0])),
  slot_float: (draft) =>
    at(draft, linkSites(draft), (site) => put(site, [linkOf(site.value)!.from, slotOf(site) + 0.5])),
  slot_negative: (draft) =>
    at(draft, linkSites(draft), (site) => put(site, [linkOf(site.value)!.from, draft.random.pick([-1, -5])])),
  slot_null: (draft) => at(draft, linkSites(draft), (site) => put(site, [linkOf(site.value)!.from, null])),
  slot_string: (draft) =>
    at(draft, linkSites(draft), (site) => put(site, [linkOf(site.value)!.from, String(slotOf(site))])),
  slot_too_big: (draft) =>
    at(draft, linkSites(draft), (site) => {
      const { from } = linkOf(site.value)!;
      const node = nodesOf(draft).find(({ id }) => id === from);
      return put(site, [from, draft.random.pick([node?.definition?.outputs.length ?? 17, 17, 1000])]);
    }),
  slot_true: (draft) =>
    at(draft, linkSites(draft), (site) => put(site, [linkOf(site.value)!.from, slotOf(site) === 1])),
  widget_to_link: (draft) =>
    at(draft, valueSites(draft), (site) => {
      const outputs = otherOutputs(draft, site, false);
      return outputs.length === 0 ? undefined : put(site, draft.random.pick(outputs));
    }),
};

/** Does it at one of the places; nothing where there is none. */
export function at(
  draft: Draft,
  sites: readonly Site[],
  change: (site: Site) => string | undefined,
): string | undefined {
  return sites.length === 0 ? undefined : change(draft.random.pick(sites));
}

/** Takes one input away. */
export function drop(draft: Draft, sites: readonly Site[]): string | undefined {
  return at(draft, sites, ({ inputs, id, name }) => {
    delete inputs[name];
    return `${id}.${name}`;
  });
}

/** Whether the class asks for the input. */
export function isRequired({ declared }: Site): boolean {
  return declared?.section === 'required';
}

/** Whether the class does without the input. */
export function isOptional({ declared }: Site): boolean {
  return declared?.section === 'optional' && declared.below === undefined;
}

function isGrowing({ declared }: Site): boolean {
  return declared?.growing !== undefined;
}

function isLinkOnlySite({ declared }: Site): boolean {
  return (
    declared !== undefined &&
    /^[A-Z_]+$/.test(declared.type) &&
    !['INT', 'FLOAT', 'STRING', 'BOOLEAN', 'COMBO'].includes(declared.type)
  );
}

function slotOf({ value }: Site): number {
  return linkOf(value)!.slot as number;
}

function relink(draft: Draft, isFit: boolean): string | undefined {
  return at(draft, linkSites(draft), (site) => {
    const outputs = otherOutputs(draft, site, isFit);
    if (outputs.length === 0) return undefined;
    const to = draft.random.pick(outputs);
    site.inputs[site.name] = to;
    return `${site.id}.${site.name} ${shown(site.value)}->${shown(to)}`;
  });
}

/** Feeds an input from a node that reads from it: from a reader that fits by type, or from any. */
function cycle(draft: Draft, isFit: boolean): string | undefined {
  return at(draft, linkSites(draft), (site) => {
    const readers = readersOf(draft, site.id);
    const all = isFit ? otherOutputs(draft, site, true) : nodesOf(draft).map(({ id }): [string, number] => [id, 0]);
    const outputs = all.filter(([id]) => readers.has(id));
    return outputs.length === 0 ? undefined : put(site, draft.random.pick(outputs));
  });
}
