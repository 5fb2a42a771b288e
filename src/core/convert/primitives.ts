import type { Json } from '../../base/json.ts';
import { type Page, type PageNode, type PageScope, type PageWidget, widgetOf } from './page.ts';
import type { Texts } from './texts.ts';

/** One input that a primitive feeds. */
interface Fed {
  readonly widget: PageWidget | undefined;
  readonly type: string;
}

/**
 * Gives the value of each primitive to the widgets it is linked to, as the page does before it sends: rounded as the
 * widget rounds what is typed. [CV-8] Source: ComfyUI_frontend, `PrimitiveNode` and `applyFirstWidgetValueToGraph`.
 */
export function applyPrimitives(page: Page, texts: Texts): void {
  for (const scope of [...page.definitions.values(), page.root]) {
    const primitives = [...scope.nodes.values()].filter(({ role }) => role === 'primitive');
    const fed = fedBy(scope, new Set(primitives.map(({ id }) => id)));
    for (const node of primitives) apply(node, fed.get(node.id) ?? [], texts);
  }
}

function apply(primitive: PageNode, fed: readonly Fed[], texts: Texts): void {
  const [first] = fed;
  if (!first) return;
  const kind = first.widget?.kind ?? first.type;
  // A primitive that once gave values of another type starts anew with what the widget has.
  const isSame = primitive.outputs[0]?.type === kind;
  const [own] = primitive.widgets;
  let value: Json | undefined = isSame && own ? own.value : first.widget?.value;
  if (typeof value === 'string' && primitive.properties['Run widget replace on values']) value = texts.replaced(value);
  for (const { widget } of fed) {
    if (!widget) continue;
    widget.value = rounded(widget, value);
    if (isSame && own) widget.giver = primitive;
  }
}

function fedBy(scope: PageScope, primitives: ReadonlySet<string>): Map<string, Fed[]> {
  const fed = new Map<string, Fed[]>();
  if (primitives.size === 0) return fed;
  for (const node of scope.nodes.values()) {
    for (const input of node.inputs) {
      if (!input.link || !primitives.has(input.link.from)) continue;
      const list = fed.get(input.link.from) ?? [];
      list.push({ widget: widgetOf(node, input), type: input.type });
      fed.set(input.link.from, list);
    }
  }
  return fed;
}

/** Numbers as their widget rounds them. Source: `useIntWidget`, `useFloatWidget`. */
function rounded({ kind, options }: PageWidget, value: Json | undefined): Json | undefined {
  if (typeof value !== 'number') return value;
  if (kind === 'INT') {
    const step = Number(options.step ?? 1) || 1;
    if (step === 1) return Math.round(value);
    const offset = Number(options.min ?? 0) % step;
    return Math.round((value - offset) / step) * step + offset;
  }
  if (kind !== 'FLOAT') return value;
  const precision = Math.max(0, -Math.floor(Math.log10(Number(options.step ?? 0.5))));
  const round = Number(options.round || 0) || (precision > 0 ? 10 ** -precision : 0);
  if (!round) return value;
  const fixed = Number((Math.round(value / round) * round).toFixed(precision));
  return Math.min(Math.max(fixed, Number(options.min ?? 0)), Number(options.max ?? 2048));
}
