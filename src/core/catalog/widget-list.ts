import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { InputDefinition, NodeDefinition } from './catalog.ts';

/** One position of `widgets_values`: the widget's name where it is known, and whether a value could be one of it. */
export interface WidgetPosition {
  readonly name: string | undefined;
  readonly fits: (value: Json) => boolean;
}

/** Positions of a class. `fixed`: how many do not depend on the key of a dynamic combo. */
export interface WidgetList {
  readonly list: readonly WidgetPosition[];
  readonly isWhole: boolean;
  readonly fixed: number;
}

const CONTROL = new Set(['fixed', 'increment', 'decrement', 'randomize']);
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The widgets of a class in the order in which ComfyUI's page saves them: required inputs, then optional ones; a seed
 * is followed by its `control_after_generate`, a list of input files by `upload`, the key of a dynamic combo by the
 * inputs of the chosen option, whose names are dotted (`resize_type.width`). Ends early, with `isWhole` false, at a
 * widget whose place in the list cannot be known. Source: ComfyUI_frontend, litegraphService `addInputs`.
 */
export function widgetList(definition: NodeDefinition, values: readonly Json[]): WidgetList {
  const list: WidgetPosition[] = [];
  const inputs = definition.inputs.filter(({ section }) => section !== 'hidden');
  const isWhole = addAll(inputs, '', values, list);
  const dynamic = inputs.find(({ type }) => type === 'COMFY_DYNAMICCOMBO_V3');
  const at = dynamic ? list.findIndex(({ name }) => name === dynamic.name) : -1;
  return { list, isWhole, fixed: at < 0 ? list.length : at + 1 };
}

function addAll(
  inputs: readonly InputDefinition[],
  prefix: string,
  values: readonly Json[],
  list: WidgetPosition[],
): boolean {
  for (const input of inputs) {
    const name = prefix + input.name;
    if (FORBIDDEN.has(name) || input.options.forceInput === true) continue;
    switch (input.type) {
      case 'INT':
      case 'FLOAT':
        list.push({ name, fits: (value) => typeof value === 'number' || typeof value === 'bigint' });
        addControl(input, list);
        break;
      case 'STRING':
      case 'COLOR':
        list.push({ name, fits: (value) => typeof value === 'string' });
        break;
      case 'BOOLEAN':
        list.push({ name, fits: (value) => typeof value === 'boolean' });
        break;
      case 'COMBO':
        list.push({ name, fits: fitsCombo(input.options.options) });
        addControl(input, list);
        if (hasUpload(input)) list.push({ name: `${prefix}upload`, fits: (value) => typeof value === 'string' });
        break;
      case 'COMFY_DYNAMICCOMBO_V3':
        if (!addDynamic(input, name, values, list)) return false;
        break;
      default:
        // A widget of its own kind: whether it is saved is known to its script alone.
        if (input.options.socketless === true || input.options.widgetType !== undefined) return false;
    }
  }
  return true;
}

/** Flag true names the widget `control_after_generate`; a text is both its name and its first value. */
function addControl(input: InputDefinition, list: WidgetPosition[]): void {
  const flag = input.options.control_after_generate;
  const isSeed = input.type === 'INT' && (input.name === 'seed' || input.name === 'noise_seed');
  if (flag === false || (flag === undefined && !isSeed)) return;
  const name = typeof flag === 'string' ? flag : 'control_after_generate';
  list.push({ name, fits: (value) => typeof value === 'boolean' || (typeof value === 'string' && CONTROL.has(value)) });
}

/** A list of options tells numbers from texts; a text that is no option may be one of another engine version. */
function fitsCombo(options: Json | undefined): (value: Json) => boolean {
  const types = new Set(Array.isArray(options) ? options.map((option) => typeof option) : ['string']);
  if (types.size === 0) types.add('string');
  return (value) => value === null || types.has(typeof value as 'string');
}

function hasUpload({ options }: InputDefinition): boolean {
  return (
    options.files === 'input' || Object.keys(options).some((key) => key.endsWith('_upload') && options[key] === true)
  );
}

function addDynamic(input: InputDefinition, name: string, values: readonly Json[], list: WidgetPosition[]): boolean {
  const options = (Array.isArray(input.options.options) ? input.options.options : []).filter(isObject);
  const chosen = values[list.length];
  list.push({ name, fits: (value) => typeof value === 'string' });
  const option = options.find(({ key }) => key === chosen);
  // An unknown key: how many inputs follow cannot be known.
  if (!option) return false;
  const inputs = nestedInputs(option.inputs);
  const order = Array.isArray(option.order)
    ? option.order
    : inputs.length < 2
      ? inputs.map((one) => one.name)
      : undefined;
  if (order) {
    return addAll(
      order.flatMap((one) => inputs.find((input) => input.name === one) ?? []),
      `${name}.`,
      values,
      list,
    );
  }
  // How many follow is known, in which order is not.
  const count: WidgetPosition[] = [];
  const isWhole = addAll(inputs, `${name}.`, values.slice(list.length), count);
  for (const _ of count) list.push({ name: undefined, fits: () => true });
  return isWhole;
}

function nestedInputs(inputs: Json | undefined): InputDefinition[] {
  const sections = isObject(inputs) ? inputs : {};
  return (['required', 'optional'] as const).flatMap((section) =>
    Object.entries((sections[section] ?? {}) as JsonObject).map(([name, spec]): InputDefinition => {
      const [type, options] = Array.isArray(spec) ? spec : [spec];
      if (Array.isArray(type)) return { name, section, type: 'COMBO', options: { options: type } };
      return { name, section, type: String(type), options: isObject(options) ? options : {} };
    }),
  );
}
