import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { joinPointer } from '../../base/json-text.ts';
import type { Edit } from './edit.ts';

/**
 * Whether two changes of one workflow can be made in either order with the same result: they touch no common place, and
 * neither links to a node, or stands for a subgraph, that the other takes away. New ids commute with nothing, since they
 * change what every other edit means. Two equal changes do not commute: the second finds what it replaces gone.
 */
export function commute(a: readonly Edit[], b: readonly Edit[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  if ([...a, ...b].some(({ kind }) => kind === 'renumber')) return false;
  if (touches(a, b)) return false;
  return !needsGone(a, b) && !needsGone(b, a);
}

/** Whether a place of one list is, holds or lies in a place of the other. */
function touches(a: readonly Edit[], b: readonly Edit[]): boolean {
  const places = new Set(a.map(({ path }) => joinPointer(path)));
  const above = new Set(a.flatMap(({ path }) => path.map((_, end) => joinPointer(path.slice(0, end)))));
  return b.some(({ path }) => {
    if (above.has(joinPointer(path))) return true;
    return path.some((_, end) => places.has(joinPointer(path.slice(0, end + 1))));
  });
}

/** Whether one list needs a node or a definition that the other takes away or makes something else. */
function needsGone(user: readonly Edit[], remover: readonly Edit[]): boolean {
  const gone = new Set(
    remover.flatMap(({ kind, path }) => {
      const isGone = kind === 'remove-node' || kind === 'replace-node' || kind === 'remove-subgraph';
      return isGone ? [joinPointer(path)] : [];
    }),
  );
  return gone.size > 0 && user.some((edit) => needsOf(edit).some((need) => gone.has(need)));
}

/** The nodes and definitions that what an edit puts there refers to, by their place. */
function needsOf({ path, to }: Edit): string[] {
  const scope = path[0] === 'subgraphs' && path.length > 2 ? path.slice(0, 2) : [];
  const last = path.at(-1);
  if (path.at(-2) === 'links' || last === 'link') return sourceOf(to, scope);
  if (path.at(-2) === 'nodes' && isObject(to)) return nodeNeeds(to, scope);
  if (path.at(-2) === 'subgraphs' && isObject(to)) {
    return Object.values(isObject(to.nodes) ? to.nodes : {}).flatMap((node) => {
      return isObject(node) ? nodeNeeds(node, path).filter((need) => need.split('/').length === 3) : [];
    });
  }
  if (path.at(-2) === 'outputs' && isObject(to)) return sourceOf(to.link, scope);
  return [];
}

function nodeNeeds(node: JsonObject, scope: readonly string[]): string[] {
  const links = isObject(node.links) ? Object.values(node.links) : [];
  const definition = joinPointer(['subgraphs', String(node.class_type)]);
  return [definition, ...links.flatMap((link) => sourceOf(link, scope))];
}

function sourceOf(link: Json | undefined, scope: readonly string[]): string[] {
  return isObject(link) ? [joinPointer([...scope, 'nodes', String(link.from)])] : [];
}
