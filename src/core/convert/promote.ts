import { isObject, type Json } from '../../base/json.ts';
import { type PageNode, type PageScope, type PageSlot, type PageWidget, widgetOf } from './page.ts';
import type { Saved } from './saved-values.ts';

/** The widget inside that a slot of a definition shows: that of the first input it feeds that has one. [CV-20] */
export function sourceWidget(definition: PageScope, slot: PageSlot): PageWidget | undefined {
  for (const { node, input } of slot.targets) {
    const target = definition.nodes.get(node);
    const widget = target && widgetOf(target, input);
    if (widget) return widget;
  }
  return undefined;
}

/** Gives an instance a widget of its own for every slot that shows one, with the value it has inside. */
export function drawHosts(definition: PageScope, node: PageNode): void {
  const before = new Map(node.widgets.map((widget) => [widget.name, widget]));
  node.widgets = [];
  for (const [index, slot] of definition.inputs.entries()) {
    const input = node.inputs[index] ?? { name: slot.name, type: slot.type, widget: undefined, link: undefined };
    node.inputs[index] = input;
    const source = sourceWidget(definition, slot);
    input.widget = source && slot.name;
    if (!source) continue;
    const { kind, options, value } = source;
    node.widgets.push(before.get(slot.name) ?? { name: slot.name, kind, options, saved: true, sent: true, value });
  }
}

/** The values an instance's file has: by name, else by position among the slots that show widgets. [CV-21] */
export function restoreHosts(node: PageNode, { named, positions }: Saved): void {
  if (named) {
    for (const widget of node.widgets) if (Object.hasOwn(named, widget.name)) widget.value = named[widget.name];
    return;
  }
  const kept = quarantined(node);
  for (const [at, widget] of node.widgets.entries()) {
    const value = kept.has(widget.name) ? kept.get(widget.name) : positions?.[at];
    if (value !== undefined) widget.value = value;
  }
}

/** Values that an earlier migration could not place: those of the instance's own inputs stand under node -1. */
function quarantined({ properties }: PageNode): Map<string, Json> {
  const values = new Map<string, Json>();
  const entries = properties.proxyWidgetErrorQuarantine;
  for (const entry of Array.isArray(entries) ? entries : []) {
    const [source, name] = isObject(entry) && Array.isArray(entry.originalEntry) ? entry.originalEntry : [];
    if (source !== '-1' || typeof name !== 'string' || values.has(name)) continue;
    const value = (entry as { hostValue?: Json }).hostValue;
    if (value !== undefined) values.set(name, value);
  }
  return values;
}
