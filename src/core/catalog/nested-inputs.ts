import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { InputDefinition } from './catalog.ts';
import { widgetKind } from './widget-kinds.ts';

/** Inputs below one option of a dynamic combo; `order`: the names of those that are widgets, where it is known. */
export interface NestedInputs {
  readonly inputs: readonly InputDefinition[];
  readonly order: readonly string[] | undefined;
}

/**
 * The inputs of the option `key` of a dynamic combo, undefined where the definition has no such option. A dump with
 * sorted keys has lost their order: it is known when the catalog states it, or when at most one of them is a widget.
 */
export function nestedInputs(combo: InputDefinition, key: Json | undefined): NestedInputs | undefined {
  const options = Array.isArray(combo.options.options) ? combo.options.options : [];
  const option = options.find((one): one is JsonObject => isObject(one) && one.key === key);
  if (!option) return undefined;
  const sections = isObject(option.inputs) ? option.inputs : {};
  const inputs = (['required', 'optional'] as const).flatMap((section) =>
    Object.entries(isObject(sections[section]) ? sections[section] : {}).map(([name, spec]): InputDefinition => {
      const [type, options] = Array.isArray(spec) ? spec : [spec];
      if (Array.isArray(type)) return { name, section, type: 'COMBO', options: { options: type } };
      return { name, section, type: String(type), options: isObject(options) ? options : {} };
    }),
  );
  const widgets = inputs.filter(isWidget).map(({ name }) => name);
  const stated = Array.isArray(option.order)
    ? option.order.filter((one): one is string => widgets.includes(one as string))
    : undefined;
  const order = stated?.length === widgets.length ? stated : widgets.length < 2 ? widgets : undefined;
  return { inputs, order };
}

/** The keys of a dynamic combo, in the order of its options. */
export function keysOf({ options }: InputDefinition): string[] {
  const listed = Array.isArray(options.options) ? options.options : [];
  return listed.flatMap((one) => (isObject(one) && typeof one.key === 'string' ? [one.key] : []));
}

/** Whether the page draws an input as a widget, or as one with widgets below it. */
export function isWidget(input: InputDefinition): boolean {
  if (input.options.forceInput === true) return false;
  return input.type === 'COMBO' || input.type === 'COMFY_DYNAMICCOMBO_V3' || widgetKind(input) !== 'none';
}
