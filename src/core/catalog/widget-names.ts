import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { Catalog } from './catalog.ts';
import { type WidgetList, widgetList } from './widget-list.ts';

/** What is known of the widgets of one UI node. */
export interface NamedNode {
  readonly class_type: string;
  /** `widgets_values`, by position. */
  readonly values: readonly Json[];
  /** `widgets_values_named`, where the file has it. The order of its keys carries no meaning. */
  readonly named?: Readonly<Record<string, Json>>;
  /** Names of the widgets that have an input socket, in socket order. */
  readonly socketWidgets: readonly string[];
  /** Of a subgraph instance: the widgets it shows (`properties.proxyWidgets`), in order. */
  readonly proxies?: readonly string[];
}

type Names = (string | undefined)[];

/**
 * The widget name of every position of `widgets_values`; undefined where it is not known, since a wrong name is worse
 * than none. Names are unique. Editing one value does not change the names of other positions, except the key of a
 * dynamic combo, which decides what follows it. [CF-8]
 */
export function positionNames(node: NamedNode, catalog: Catalog): Names {
  const definition = catalog.node(node.class_type);
  const defined = definition ? widgetList(definition, node.values) : undefined;
  if (node.named)
    return nameByCopy(
      node,
      node.named,
      defined?.list.map(({ name }) => name),
    );
  if (defined) return nameByDefinition(node.values, defined);
  return nameByList(node.values.length, node.proxies) ?? node.values.map(() => undefined);
}

/**
 * Names by definition. One value that cannot be of its widget's type may be an edit; more of them mean that the file
 * is of another engine version, whose widgets agree with ours only before the first such place. A list of another
 * length says the same of what follows a dynamic combo.
 */
function nameByDefinition(values: readonly Json[], { list, isWhole, fixed }: WidgetList): Names {
  const misfits = values.flatMap((value, i) => (list[i] && !list[i].fits(value) ? [i] : []));
  const isSameShape = isWhole && values.length === list.length;
  const shaped = isSameShape ? list.length : fixed;
  const end = misfits.length === 0 || (isSameShape && misfits.length === 1) ? shaped : Math.min(shaped, misfits[0]!);
  return unique(values.map((_, i) => (i < end ? list[i]?.name : undefined)));
}

/** The file names its values itself: what remains is to say which position each name has. */
function nameByCopy(node: NamedNode, named: Readonly<Record<string, Json>>, defined: Names | undefined): Names {
  const keys = Object.keys(named);
  for (const order of [defined, node.proxies, node.socketWidgets]) {
    if (order && order.length === node.values.length && sameNames(order, keys)) return [...order];
  }
  return byValue(node.values, named, keys);
}

/** Last resort: a value that stands once in each copy. */
function byValue(values: readonly Json[], named: Readonly<Record<string, Json>>, keys: readonly string[]): Names {
  const places = new Map<string, number[]>();
  for (const [i, value] of values.entries()) push(places, canonicalJson(value), i);
  const names = new Map<string, string[]>();
  for (const key of keys) push(names, canonicalJson(named[key]!), key);
  const out: Names = values.map(() => undefined);
  for (const [text, found] of names) {
    const at = places.get(text);
    if (found.length === 1 && at?.length === 1) out[at[0]!] = found[0];
  }
  // One name and one position left over belong together: an edit of one copy alone must stay visible as that.
  const freeNames = keys.filter((key) => !out.includes(key));
  const freePlaces = out.flatMap((name, i) => (name === undefined ? [i] : []));
  if (freeNames.length === 1 && freePlaces.length === 1) out[freePlaces[0]!] = freeNames[0];
  return out;
}

function nameByList(length: number, order: readonly string[] | undefined): Names | undefined {
  return order && order.length === length ? unique([...order]) : undefined;
}

function sameNames(a: readonly (string | undefined)[], b: readonly string[]): boolean {
  const set = new Set(a);
  return set.size === a.length && a.length === b.length && b.every((name) => set.has(name));
}

/** A second position under one name keeps none. */
function unique(names: Names): Names {
  const seen = new Set<string>();
  return names.map((name) => {
    if (name === undefined || seen.has(name)) return undefined;
    seen.add(name);
    return name;
  });
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
