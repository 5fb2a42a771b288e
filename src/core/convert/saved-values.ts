import type { Json, JsonObject } from '../../base/json.ts';
import type { NodeDefinition } from '../catalog/catalog.ts';
import type { WorkflowNode } from '../workflow/types.ts';
import type { PageWidget } from './page.ts';

/** The two copies of a node's values. */
export interface Saved {
  readonly positions: readonly Json[] | undefined;
  readonly named: Readonly<JsonObject> | undefined;
}

/**
 * Positions without what older pages saved and this one does not: a value for every input that takes links only
 * (`forceInput`, before page 1.16), and values of widgets that are not saved. Only where the count fits, as the page
 * does it; else they stay. Source: ComfyUI_frontend, `migrateWidgetsValues`. [CV-17]
 */
export function alignPositions(
  { inputs }: NodeDefinition,
  widgets: readonly PageWidget[],
  positions: readonly Json[],
): readonly Json[] {
  const byName = new Map(widgets.map((widget) => [widget.name, widget]));
  const isForced: boolean[] = [];
  for (const { name, section, options } of inputs) {
    const widget = byName.get(name);
    const forced = options.forceInput === true;
    if (section === 'hidden' || (!widget && !forced) || widget?.saved === false) continue;
    isForced.push(forced);
    if (options.control_after_generate) isForced.push(false);
  }
  // Widgets that scripts of the page add as inputs count as the definition's.
  for (const name of ['upload', 'image']) {
    const isAdded = byName.get(name)?.saved && !inputs.some((input) => input.name === name);
    if (isAdded && ['UPLOAD', 'PREVIEW_3D'].includes(byName.get(name)!.kind)) isForced.push(false);
  }
  const saved = widgets.filter((widget) => widget.saved).length;
  if (!isForced.includes(true) && positions.length === saved) return positions;
  const compact = positions.filter((_, at) => widgets[at]?.saved !== false);
  const aligned = [compact, positions].find(({ length }) => length === isForced.length);
  return aligned ? aligned.filter((_, at) => !isForced[at]) : positions;
}

/** Names of widgets that no page sends. */
const UNSENT = new Set(['control_after_generate', 'control_filter_list', 'upload', 'audioUI']);

/** Whether a widget of this name, as files have it, is one that the page sends. */
export function isSentWidget(name: string): boolean {
  return !UNSENT.has(name);
}

/** The widgets of a node of an unknown class: what the file has a name for. */
export function namedWidgets({ widgets }: WorkflowNode): PageWidget[] {
  const names = Object.keys(widgets).sort();
  return names.map((name) => ({
    name,
    kind: 'UNKNOWN',
    options: {},
    saved: true,
    sent: !UNSENT.has(name),
    value: widgets[name],
  }));
}
