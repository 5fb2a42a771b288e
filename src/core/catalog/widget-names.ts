import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { Catalog } from './catalog.ts';
import { socketNames } from './socket-names.ts';
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
type Named = Readonly<Record<string, Json>>;

/**
 * The widget name of every position of `widgets_values`; undefined where it is not known, since a wrong name is worse
 * than none. Names are unique. Editing one value does not change the names of other positions, except the key of a
 * dynamic combo, which decides what follows it, and where a named copy can be told by its values alone. [CF-8]
 */
export function positionNames(node: NamedNode, catalog: Catalog): Names {
  const known = nameAlone(node, catalog);
  return node.named ? nameByCopy(node, node.named, known) : known;
}

/** Without the named copy: by definition where the node has its shape, else by what the node shows of itself. */
function nameAlone({ class_type, values, socketWidgets, proxies }: NamedNode, catalog: Catalog): Names {
  const page = Object.hasOwn(PAGE_ONLY, class_type) ? PAGE_ONLY[class_type] : undefined;
  if (page) return values.map((_, i) => page(i));
  const definition = catalog.node(class_type);
  const shown = (proxies?.length === values.length ? proxies : undefined) ?? socketNames(socketWidgets, values);
  if (!definition) return nameByList(values.length, shown) ?? values.map(() => undefined);
  const added = Object.hasOwn(ADDED, class_type) ? ADDED[class_type] : undefined;
  const defined = widgetList(definition, values, socketWidgets, added);
  // One odd value may be an edit, which must not change what the others are called.
  if (hasShape(values, defined) && misfits(values, defined).length <= 1) return nameByDefinition(values, defined);
  return nameByList(values.length, shown) ?? nameByDefinition(values, defined);
}

/** Widgets that the page adds behind those of the definition: the view of a 3D file, as its files name it. */
const ADDED: Readonly<Record<string, readonly string[]>> = { Preview3D: ['image'], SaveGLB: ['image'] };

/** Widgets that the page's own scripts give, by position, as files that name their values have them. */
const PAGE_ONLY: Readonly<Record<string, (position: number) => string | undefined>> = {
  Note: (i) => (i === 0 ? 'text' : undefined),
  MarkdownNote: (i) => (i === 0 ? 'text' : undefined),
  // One option for each that was ever typed, and an empty one.
  CustomCombo: (i) => ['choice', 'index'][i] ?? `option${i - 1}`,
};

function hasShape(values: readonly Json[], { list, isWhole }: WidgetList): boolean {
  return isWhole && values.length === list.length;
}

/** Positions whose value cannot be of its widget's type. */
function misfits(values: readonly Json[], { list }: WidgetList): number[] {
  return values.flatMap((value, i) => (list[i] && !list[i].fits(value) ? [i] : []));
}

/**
 * Names by definition. One value that cannot be of its widget's type may be an edit; more of them mean that the file
 * is of another engine version, whose widgets agree with ours only before the first such place. A list of another
 * length says the same of what follows a dynamic combo.
 */
function nameByDefinition(values: readonly Json[], defined: WidgetList): Names {
  const { list, isWhole, fixed, tail } = defined;
  const odd = misfits(values, defined);
  const shaped = isWhole ? list.length : fixed;
  const end = odd.length === 0 || (hasShape(values, defined) && odd.length === 1) ? shaped : Math.min(shaped, odd[0]!);
  const from = isTail(values, defined) ? values.length - tail.length : values.length;
  return unique(values.map((_, i) => (i < end ? list[i]?.name : i >= from ? tail[i - from]?.name : undefined)));
}

/** Whether the last values are those of the tail: a control behind its seed is what no other place looks like. */
function isTail(values: readonly Json[], { list, tail }: WidgetList): boolean {
  const from = values.length - tail.length;
  const hasControl = tail.some(
    ({ name }, i) => name === 'control_after_generate' && typeof values[from + i] === 'string',
  );
  return hasControl && from >= list.length && tail.every(({ fits }, i) => fits(values[from + i]!));
}

/**
 * The file names its values itself: what remains is to say which position each name has. A list of the very same names
 * says so whatever the values are; one that shares some of them says so where nothing speaks against it.
 */
function nameByCopy({ values, socketWidgets, proxies }: NamedNode, named: Named, known: Names): Names {
  const keys = Object.keys(named);
  for (const order of [known, proxies, socketWidgets]) {
    if (order && order.length === values.length && sameNames(order, keys)) return [...order];
  }
  return byValue(values, named, keys, known);
}

/**
 * Last resort: the names that are known without the copy, then a value that stands once in what is left of each. Where
 * the copy has names the definition has not, a known name whose values differ is one of another engine version.
 */
function byValue(values: readonly Json[], named: Named, keys: readonly string[], known: Names): Names {
  const texts = values.map((value) => canonicalJson(value));
  const shared = known.map((name) => (name !== undefined && Object.hasOwn(named, name) ? name : undefined));
  const differs = (name: string | undefined, i: number) =>
    name !== undefined && canonicalJson(named[name]!) !== texts[i];
  const isTrusted = keys.every((key) => shared.includes(key));
  const out = shared.map((name, i) => (isTrusted || !differs(name, i) ? name : undefined));
  const places = new Map<string, number[]>();
  for (const i of freePlaces(out)) push(places, texts[i]!, i);
  const names = new Map<string, string[]>();
  for (const key of freeKeys(keys, out)) push(names, canonicalJson(named[key]!), key);
  for (const [text, found] of names) {
    const at = places.get(text);
    if (found.length === 1 && at?.length === 1) out[at[0]!] = found[0];
  }
  // One name and one position left over belong together: an edit of one copy alone must stay visible as that.
  const [key, ...otherKeys] = freeKeys(keys, out);
  const [place, ...otherPlaces] = freePlaces(out);
  if (key !== undefined && place !== undefined && otherKeys.length + otherPlaces.length === 0) out[place] = key;
  return out;
}

function freePlaces(names: Names): number[] {
  return names.flatMap((name, i) => (name === undefined ? [i] : []));
}

function freeKeys(keys: readonly string[], names: Names): string[] {
  const taken = new Set(names);
  return keys.filter((key) => !taken.has(key));
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
