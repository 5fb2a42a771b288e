import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { Edit } from '../edit/edit.ts';
import { own } from '../workflow/names.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';

/** One line in a box. `name` is what changed; `from` and `to` are absent where nothing stood or stands. */
export interface Row {
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
  /** Input that a link may end at. */
  readonly input?: string;
  /** Says what is, not what changed. */
  readonly plain?: boolean;
}

const MODES: Readonly<Record<number, string>> = { 0: 'active', 2: 'muted', 4: 'bypassed' };
/** Most characters of a value that are looked at. */
const LONGEST = 2_000;
/** Most values shown of a node that was added or removed. */
const MOST_VALUES = 4;
/** Most of a node in a picture of all there is. */
const MOST_WHOLE = 10;

/** A value as a box shows it. */
export function valueText(value: Json): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST)) : canonicalJson(value).slice(0, LONGEST);
}

/** What an edit of a node says in its box; undefined for what a picture does not show. */
export function rowOf(edit: Edit, scopes: readonly (Scope | undefined)[], workflow: Workflow): Row | undefined {
  const { from, to } = edit;
  const name = edit.path.at(-1)!;
  switch (edit.kind) {
    case 'set-input':
      return change(name, from, to, valueText);
    case 'connect':
    case 'disconnect':
      return {
        ...change(name, from, to, (end) => endText(end as unknown as LinkSource, scopes, workflow)),
        input: name,
      };
    case 'set-mode':
      return { name: 'mode', from: modeText(from), to: modeText(to) };
    case 'set-positional':
      return change('by position', from, to, valueText);
    case 'set-proxies':
      return { name: 'promoted widgets', to: 'changed' };
    case 'replace-node':
      return change('class', from, to, (node) => className(node as unknown as WorkflowNode, workflow));
    default:
      return undefined;
  }
}

/** What an edit of a subgraph's interface says in the box of its inputs or outputs. */
export function slotRowOf({ kind, path, from, to }: Edit, before: Subgraph | undefined, after: Subgraph | undefined) {
  if (kind !== 'set-interface') return undefined;
  const side = path[2]!.startsWith('in') ? ('inputs' as const) : ('outputs' as const);
  const key = path[3];
  const slot = key === undefined ? undefined : (own(before?.[side], key) ?? own(after?.[side], key));
  const name = slot?.name ?? 'order';
  const whole = path.length === 4;
  const row: Row = whole
    ? change(name, from, to, (it) => (isObject(it) && typeof it.type === 'string' ? it.type : 'slot'))
    : { name: [name, ...path.slice(4)].join(' '), to: 'changed' };
  return { side, row: key === undefined ? row : { ...row, input: key } };
}

/** Some values of a node that came or went. */
export function valuesOf({ widgets }: WorkflowNode): Row[] {
  const names = Object.keys(widgets);
  const shown = names.slice(0, MOST_VALUES).map((name): Row => ({ name, to: valueText(widgets[name]!), plain: true }));
  const more = names.length - shown.length;
  return more > 0 ? [...shown, { name: `and ${more} more`, plain: true }] : shown;
}

/** The values of a node that no row speaks of yet, up to `MOST_WHOLE`. */
export function otherValuesOf({ widgets }: WorkflowNode, rows: readonly Row[]): Row[] {
  const told = new Set(rows.map(({ name }) => name));
  const names = Object.keys(widgets).filter((name) => !told.has(name));
  const shown = names.slice(0, MOST_WHOLE).map((name): Row => ({ name, to: valueText(widgets[name]!), plain: true }));
  const more = names.length - shown.length;
  return more > 0 ? [...shown, { name: `and ${more} more`, plain: true }] : shown;
}

/** Class of a node, a subgraph by its name. */
export function className({ class_type }: WorkflowNode, { subgraphs }: Workflow): string {
  return own(subgraphs, class_type)?.name || class_type;
}

/** What a user calls a node: its title, else its class. */
export function titleOf(node: WorkflowNode, workflow: Workflow): string {
  const { title } = node.ui;
  return typeof title === 'string' && title !== '' ? title : className(node, workflow);
}

/** The scope of a workflow: the root, or a definition where it has it. */
export function scopeIn(workflow: Workflow, scope: string | undefined): Scope | Subgraph | undefined {
  return scope === undefined ? workflow : own(workflow.subgraphs, scope);
}

function change(name: string, from: Json | undefined, to: Json | undefined, text: (value: Json) => string): Row {
  return {
    name,
    ...(from === undefined ? {} : { from: text(from) }),
    ...(to === undefined ? {} : { to: text(to) }),
  };
}

/** Where a link comes from: `Load Checkpoint (4).MODEL`. */
function endText({ from, slot }: LinkSource, scopes: readonly (Scope | undefined)[], workflow: Workflow): string {
  if (typeof slot === 'string') {
    const slots = scopes.map((scope) => own((scope as Subgraph | undefined)?.inputs, slot));
    return `input ${slots.find((one) => one !== undefined)?.name ?? slot}`;
  }
  const node = scopes.map((scope) => own(scope?.nodes, from)).find((one) => one !== undefined);
  if (node === undefined) return `(${from}).${slot}`;
  const output = (node.ui.outputs as Record<string, JsonObject> | undefined)?.[String(slot)];
  const name = typeof output?.name === 'string' && output.name !== '' ? output.name : String(slot);
  return `${titleOf(node, workflow)} (${from}).${name}`;
}

function modeText(mode: Json | undefined): string {
  if (mode === undefined) return 'active';
  return (typeof mode === 'number' ? MODES[mode] : undefined) ?? `mode ${canonicalJson(mode)}`;
}
