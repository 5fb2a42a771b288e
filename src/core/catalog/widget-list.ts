import type { Json } from '../../base/json.ts';
import type { InputDefinition, NodeDefinition } from './catalog.ts';
import { isWidget, nestedInputs } from './nested-inputs.ts';
import { widgetKind } from './widget-kinds.ts';

/** One position of `widgets_values`: the widget's name where it is known, and whether a value could be one of it. */
export interface WidgetPosition {
  readonly name: string | undefined;
  readonly fits: (value: Json) => boolean;
}

/**
 * Positions of a class. `fixed`: how many do not depend on the key of a dynamic combo. `tail`: where the list ends early
 * at a key the definition does not have, the last positions of all, which are known again.
 */
export interface WidgetList {
  readonly list: readonly WidgetPosition[];
  readonly isWhole: boolean;
  readonly fixed: number;
  readonly tail: readonly WidgetPosition[];
}

/** What the list of one node is made from: its values, and the names of the widgets its own sockets tell, in order. */
interface Making {
  readonly values: readonly Json[];
  readonly sockets: readonly string[];
  readonly list: WidgetPosition[];
}

const CONTROL = new Set<Json>(['fixed', 'increment', 'decrement', 'randomize']);
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a value can be one of `control_after_generate`; old files have booleans there. */
export function isControl(value: Json | undefined): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && CONTROL.has(value));
}

/**
 * The widgets of a class in the order in which ComfyUI's page saves them: required inputs, then optional ones; a seed
 * is followed by its `control_after_generate`, a list of input files by `upload`, the key of a dynamic combo by the
 * inputs of the chosen option, whose names are dotted (`resize_type.width`). Ends early, with `isWhole` false, at a
 * widget whose place in the list cannot be known. Source: ComfyUI_frontend, litegraphService `addInputs`.
 */
export function widgetList(
  definition: NodeDefinition,
  values: readonly Json[],
  sockets: readonly string[] = [],
  added: readonly string[] = [],
): WidgetList {
  const list: WidgetPosition[] = [];
  const inputs = definition.inputs.filter(({ section }) => section !== 'hidden');
  const isWhole = addAll(inputs, '', { values, sockets, list });
  if (isWhole) for (const name of added) list.push({ name, fits: (value) => typeof value === 'string' });
  const dynamic = inputs.find(({ type }) => type === 'COMFY_DYNAMICCOMBO_V3');
  const at = dynamic ? list.findIndex(({ name }) => name === dynamic.name) : -1;
  return {
    list,
    isWhole,
    fixed: at < 0 ? list.length : at + 1,
    tail: isWhole ? [] : tailOf(inputs, list.at(-1)?.name),
  };
}

/** What follows a dynamic combo, where nothing in it depends on values in its turn. */
function tailOf(inputs: readonly InputDefinition[], combo: string | undefined): readonly WidgetPosition[] {
  const at = inputs.findIndex(({ name, type }) => name === combo && type === 'COMFY_DYNAMICCOMBO_V3');
  const rest = at < 0 ? [] : inputs.slice(at + 1);
  const list: WidgetPosition[] = [];
  return addAll(rest, '', { values: [], sockets: [], list }) ? list : [];
}

function addAll(inputs: readonly InputDefinition[], prefix: string, making: Making): boolean {
  const { list } = making;
  for (const input of inputs) {
    const name = prefix + input.name;
    if (FORBIDDEN.has(name) || input.options.forceInput === true) continue;
    if (input.type === 'COMFY_DYNAMICCOMBO_V3') {
      if (!addDynamic(input, name, making)) return false;
    } else if (input.type === 'COMBO') {
      list.push({ name, fits: fitsCombo(input.options.options) });
      addControl(input, name, list);
      addUpload(input, prefix, making);
    } else {
      const kind = widgetKind(input);
      if (kind === undefined) return false;
      if (kind === 'none') continue;
      for (const part of kind.parts) list.push({ name: part === '' ? name : prefix + part, fits: kind.fits });
      addControl(input, name, list);
    }
  }
  return true;
}

/** Flag true names the widget `control_after_generate`; a text is both its name and its first value. */
function addControl(input: InputDefinition, name: string, list: WidgetPosition[]): void {
  const flag = input.options.control_after_generate;
  // By the whole name: a seed below a dynamic combo (`sampling_mode.seed`) has a control only where it is flagged.
  const isSeed = input.type === 'INT' && (name === 'seed' || name === 'noise_seed');
  if (flag === false || (flag === undefined && !isSeed)) return;
  list.push({ name: typeof flag === 'string' ? flag : 'control_after_generate', fits: isControl });
}

/** A list of options tells numbers from texts; a text that is no option may be one of another engine version. */
function fitsCombo(options: Json | undefined): (value: Json) => boolean {
  const types = new Set(Array.isArray(options) ? options.map((option) => typeof option) : ['string']);
  if (types.size === 0) types.add('string');
  return (value) => value === null || types.has(typeof value as 'string');
}

/** The button that uploads a file takes a position; newer pages have the player of a sound before it, without a name. */
function addUpload({ options }: InputDefinition, prefix: string, { list, values }: Making): void {
  const flags = Object.keys(options).filter((key) => key.endsWith('_upload') && options[key] === true);
  if (options.files !== 'input' && flags.length === 0) return;
  const hasPlayer = flags.includes('audio_upload') && values.length > list.length + 1;
  if (hasPlayer) list.push({ name: undefined, fits: () => true });
  list.push({ name: `${prefix}upload`, fits: (value) => value === null || typeof value === 'string' });
}

/** The key of a dynamic combo and what it chooses; false where it cannot be known how many positions follow. */
function addDynamic(input: InputDefinition, name: string, making: Making): boolean {
  const { list, values, sockets } = making;
  const nested = nestedInputs(input, values[list.length]);
  list.push({ name, fits: (value) => typeof value === 'string' });
  if (!nested) return false;
  const names = nested.inputs.filter(isWidget).map((one) => one.name);
  const shown = sockets.flatMap((one) => (one.startsWith(`${name}.`) ? [one.slice(name.length + 1)] : []));
  // The sockets of the node itself stand in the order of its widgets.
  const order = nested.order ?? (names.every((one) => shown.includes(one)) ? shown : undefined);
  const ordered = order?.flatMap((one) => nested.inputs.find((each) => each.name === one) ?? []);
  if (ordered) return addAll(ordered, `${name}.`, making);
  // How many follow is known, in which order is not.
  const count: WidgetPosition[] = [];
  const isWhole = addAll(nested.inputs, `${name}.`, { values: values.slice(list.length), sockets, list: count });
  for (const _ of count) list.push({ name: undefined, fits: () => true });
  return isWhole;
}
