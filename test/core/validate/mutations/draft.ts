import { isObject, type Json, type JsonObject } from '../../../../src/base/json.ts';
import type { Catalog, NodeDefinition } from '../../../../src/core/catalog/catalog.ts';
import { type DeclaredInput, declaredInputs } from '../../../../src/core/catalog/declared-inputs.ts';
import { typesFit } from '../../../../src/core/catalog/socket-types.ts';
import { linkOf } from '../../../../src/core/workflow/read-api.ts';
import type { Random } from './random.ts';

/** A prompt of which a mutation may change what it likes, and what it needs to choose. */
export interface Draft {
  readonly prompt: JsonObject;
  readonly catalog: Catalog;
  readonly random: Random;
  /** Names of files by folder. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Classes to put in the place of others. */
  readonly classes: readonly string[];
}

/** Changes a draft and says what it did, or leaves it alone where there is no place for it. */
export type Mutation = (draft: Draft) => string | undefined;

/** A node of a draft. */
export interface DraftNode {
  readonly id: string;
  readonly node: JsonObject;
  readonly inputs: JsonObject;
  readonly definition: NodeDefinition | undefined;
}

/** An input of a draft that holds something; `declared` where its class has such an input. */
export interface Site extends DraftNode {
  readonly name: string;
  readonly value: Json;
  readonly declared: DeclaredInput | undefined;
}

/** The nodes that are whole: a mutation on top of another leaves the broken ones alone. */
export function nodesOf({ prompt, catalog }: Draft): DraftNode[] {
  return Object.entries(prompt).flatMap(([id, node]) => {
    if (!isObject(node) || typeof node.class_type !== 'string' || !isObject(node.inputs)) return [];
    return [{ id, node, inputs: node.inputs, definition: catalog.node(node.class_type) }];
  });
}

/** The inputs that a node declares, given what it holds. */
export function declaredOf({ inputs, definition }: DraftNode): ReadonlyMap<string, DeclaredInput> {
  return definition ? declaredInputs(definition, (name) => inputs[name]).byName : new Map();
}

/** All inputs that hold something. */
export function sitesOf(draft: Draft): Site[] {
  return nodesOf(draft).flatMap((node) => {
    const declared = declaredOf(node);
    return Object.entries(node.inputs).map(([name, value]) => ({ ...node, name, value, declared: declared.get(name) }));
  });
}

/** Declared inputs that a link feeds. */
export function linkSites(draft: Draft): Site[] {
  return sitesOf(draft).filter(({ value, declared }) => declared !== undefined && linkOf(value) !== undefined);
}

/** Declared inputs that hold a plain value. */
export function valueSites(draft: Draft): Site[] {
  return sitesOf(draft).filter(({ value, declared }) => declared !== undefined && linkOf(value) === undefined);
}

/** Declared inputs of a type that hold a plain value. */
export function typedSites(draft: Draft, type: string): Site[] {
  return valueSites(draft).filter(({ declared }) => declared?.type === type);
}

/** The type of the output that a link names; undefined where there is none. */
export function outputType({ prompt, catalog }: Draft, value: Json): Json | undefined {
  const link = linkOf(value);
  const node = link === undefined ? undefined : prompt[link.from];
  if (!isObject(node) || typeof node.class_type !== 'string') return undefined;
  return catalog.node(node.class_type)?.outputs[link!.slot as number]?.type;
}

/** All outputs of a draft, as links. */
export function outputsOf(draft: Draft): { readonly link: [string, number]; readonly type: Json }[] {
  return nodesOf(draft).flatMap(({ id, definition }) =>
    (definition?.outputs ?? []).map(({ type }, slot) => ({ link: [id, slot] as [string, number], type })),
  );
}

/** Outputs other than the one a site has, which its input takes (`true`) or does not take. */
export function otherOutputs(draft: Draft, site: Site, isFit: boolean): [string, number][] {
  return outputsOf(draft)
    .filter(
      ({ link, type }) => link[0] !== site.id && JSON.stringify(link) !== JSON.stringify(site.value) && type !== '*',
    )
    .filter(({ type }) => typesFit(type, site.declared!.type) === isFit)
    .map(({ link }) => link);
}

/** The nodes that read from a node, directly or through others. */
export function readersOf(draft: Draft, id: string): Set<string> {
  const found = new Set<string>();
  const wanted = [id];
  const links = linkSites(draft);
  for (let at = 0; at < wanted.length; at++) {
    for (const site of links) {
      if (linkOf(site.value)!.from !== wanted[at] || found.has(site.id)) continue;
      found.add(site.id);
      wanted.push(site.id);
    }
  }
  return found;
}

/** Whether a node gives a result. */
export function isOutput({ definition }: DraftNode): boolean {
  return definition?.flags.includes('output_node') === true;
}

/** Puts a value into an input and tells it as `<node>.<input>=<value>`. */
export function put({ inputs, id, name }: Site, value: Json): string {
  inputs[name] = value;
  return `${id}.${name}=${shown(value)}`;
}

/** A value in a detail. */
export function shown(value: Json): string {
  return JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? String(one) : one));
}
