import type { Json } from '../../base/json.ts';
import type { PageWidget } from './page.ts';

/** A widget and what stands behind it, which move together. */
export type WidgetGroup = readonly PageWidget[];

/** Groups of one option; more orders than that are not tried. */
const MOST = 8;

/**
 * The one order of groups in which every value could be one of its widget; undefined where there is none or more than
 * one. For definitions that have lost the order of their inputs: what a list saved by position says itself.
 */
export function arrangeByValues(groups: readonly WidgetGroup[], values: readonly Json[]): WidgetGroup[] | undefined {
  if (groups.length > MOST) return undefined;
  const found: WidgetGroup[][] = [];
  const place = (left: readonly WidgetGroup[], placed: readonly WidgetGroup[], at: number): void => {
    if (found.length > 1) return;
    if (left.length === 0) {
      found.push([...placed]);
      return;
    }
    for (const group of left) {
      const fits = group.every((widget, i) => at + i < values.length && couldBe(widget, values[at + i]!));
      if (fits)
        place(
          left.filter((one) => one !== group),
          [...placed, group],
          at + group.length,
        );
    }
  };
  place(groups, [], 0);
  return found.length === 1 ? found[0] : undefined;
}

/** Whether a value could be one that the page saved for a widget. */
function couldBe(widget: PageWidget, value: Json): boolean {
  const { name, kind, options } = widget;
  if (!isOfKind(widget, value)) return false;
  if (kind === 'INT' || kind === 'FLOAT') return isWithin(Number(value), options);
  const isListed = kind === 'COMBO' && name !== 'control_after_generate' && Array.isArray(options.options);
  return !isListed || (options.options as Json[]).includes(value);
}

/** Whether a value has the JSON type that widgets of its kind hold; null stands for none. */
export function isOfKind({ kind, options }: PageWidget, value: Json): boolean {
  if (value === null) return true;
  switch (kind) {
    case 'INT':
    case 'FLOAT':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
    case 'COLOR':
      return typeof value === 'string';
    case 'COMBO': {
      const list = Array.isArray(options.options) ? options.options : [];
      return typeof value === 'string' || list.some((one) => typeof one === typeof value);
    }
    default:
      return true;
  }
}

function isWithin(value: number, { min, max }: PageWidget['options']): boolean {
  return !(typeof min === 'number' && value < min) && !(typeof max === 'number' && value > max);
}
