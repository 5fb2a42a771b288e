import { isCwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { checkValue } from '../../core/catalog/check-value.ts';
import { type DeclaredInput, declaredInputs } from '../../core/catalog/declared-inputs.ts';
import { isControl } from '../../core/catalog/widget-list.ts';
import { applyEdits } from '../../core/edit/compile.ts';
import { type Edit, targetOf } from '../../core/edit/edit.ts';
import type { EditKind } from '../../core/edit/kinds.ts';
import type { Diagnostic, DiagnosticCode, Severity } from '../../core/validate/diagnostic.ts';
import { own } from '../../core/workflow/names.ts';
import { scopeAt } from '../../core/workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../../core/workflow/types.ts';
import { countFaults, type FaultCounts, faultKey, isFewer, newFaults, nodeKey, nodesOf } from './faults.ts';
import type { Proposal } from './proposal.ts';

/** What proposals are judged by: the workflow they are for, its faults, and how faults are found. */
export interface Standing {
  readonly workflow: Workflow;
  readonly diagnostics: readonly Diagnostic[];
  readonly catalog: Catalog;
  validate(workflow: Workflow): readonly Diagnostic[];
}

/** What came of judging: the workflow after the change, or why it stays as it is. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly workflow: Workflow;
      readonly diagnostics: readonly Diagnostic[];
      readonly before: FaultCounts;
      readonly after: FaultCounts;
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly revealed?: readonly Diagnostic[] };

/** Kinds of edits that a repair is made of. */
const KINDS: ReadonlySet<EditKind> = new Set([
  'set-input',
  'connect',
  'disconnect',
  'add-node',
  'remove-node',
  'replace-node',
]);
/** Findings of a node that might give a result, since nobody knows its class. */
const CLASSLESS: ReadonlySet<DiagnosticCode> = new Set(['CLASS_MISSING', 'CLASS_UNKNOWN']);
/** Marks of a node's form that the reader of damaged prompts leaves behind, and that a repair takes away. */
const MARKS: ReadonlySet<string> = new Set(['no_inputs', 'odd_meta']);

/** What a UI file says of the sockets and widgets of a node: it goes with the node's links and values. */
const DRAWN: ReadonlySet<string> = new Set([
  'sockets',
  'socket_order',
  'link_attrs',
  'widgets_form',
  'widget_order',
  'odd_inputs',
  'named',
  'unnamed',
]);

/**
 * The rule by which proposals are accepted, whoever makes them [RA-1]: they touch nothing but the nodes that their
 * findings name (and new ones), put no value where the catalog does not allow it, replace no file, cure at least one of
 * their findings each, leave fewer faults than before and no new ones by code and place. Pure.
 */
export function judge(proposals: readonly Proposal[], standing: Standing): Verdict {
  const { workflow, diagnostics, catalog } = standing;
  const edits = proposals.flatMap((one) => one.edits);
  const outside = proposals.flatMap((one) => outOfScope(one, workflow));
  if (outside.length > 0) return refused(outside[0]!);
  let after: Workflow;
  try {
    after = applyEdits(workflow, edits);
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return refused(`it does not apply: ${error.message}`);
  }
  const strayed = touchedBeyond(workflow, after, new Set(edits.map(nodeOfEdit)));
  if (strayed !== undefined) return refused(strayed);
  const untyped = untypedChange(workflow, after, edits, catalog);
  if (untyped !== undefined) return refused(untyped);
  const found = standing.validate(after);
  const [before, now] = [countFaults(diagnostics), countFaults(found)];
  const released = releasedNodes(proposals, workflow, after);
  const revealed = newFaults(found, diagnostics, released);
  if (revealed.length > 0) return { kind: 'refused', reason: `it brings a fault: ${describe(revealed[0]!)}`, revealed };
  const left = new Map(found.map((one) => [faultKey(one), one.severity]));
  const idle = proposals.find(({ evidence }) => evidence.every((one) => isLeft(one, left)));
  if (idle) return refused('it cures none of the faults it is meant to cure');
  if (!isFewer(found, diagnostics)) return refused('it leaves as many faults as before');
  return { kind: 'accepted', workflow: after, diagnostics: found, before, after: now };
}

/**
 * The nodes behind links that are faults themselves and that the proposals take away: if they led to a result, it was by
 * a link that nobody can follow. The same of nodes whose class nobody knew, and of those behind them: they counted as
 * results for want of an answer. That they are seen to lead to none is no new fault. [RA-3]
 */
function releasedNodes(proposals: readonly Proposal[], workflow: Workflow, after: Workflow): ReadonlySet<string> {
  const released = new Set<string>();
  const release = (of: Workflow, scope: string | undefined, source: string): void => {
    const nodes = scopeAt(of, scope)?.nodes ?? {};
    const behind = new Set([source]);
    for (const id of behind) for (const { from } of Object.values(own(nodes, id)?.links ?? {})) behind.add(from);
    for (const id of behind) released.add(nodeKey(scope, id));
  };
  for (const { edits, evidence } of proposals) {
    for (const { code, scope, node } of evidence)
      if (node !== undefined && CLASSLESS.has(code)) release(after, scope, node);
    const faulty = new Set(evidence.filter(({ severity }) => severity === 'error').flatMap(inputsOf));
    for (const edit of edits) {
      const { scope, node, input } = targetOf(edit);
      const source = edit.path.at(-2) === 'links' && isObject(edit.from) ? edit.from.from : undefined;
      if (typeof source !== 'string' || !faulty.has(JSON.stringify([scope ?? '', node, input]))) continue;
      release(workflow, scope, source);
    }
  }
  return released;
}

/** The inputs that a finding speaks of. */
function inputsOf({ scope, node, input, data }: Diagnostic): string[] {
  const listed = Array.isArray(data?.inputs) ? data.inputs.filter(isObject) : [];
  return [
    JSON.stringify([scope ?? '', node, input]),
    ...listed.map((one) => JSON.stringify([one.scope ?? '', one.node, one.input])),
  ];
}

function refused(reason: string): Verdict {
  return { kind: 'refused', reason };
}

function describe({ code, node, input, message }: Diagnostic): string {
  const place = [node, input].filter((one) => one !== undefined).join('.');
  return `${place === '' ? '' : `${place}: `}${message} [${code}]`;
}

/** Why the edits of a proposal are none of its business; empty when they are. [RA-2] */
function outOfScope({ edits, evidence }: Proposal, workflow: Workflow): string[] {
  if (edits.length === 0) return ['it changes nothing'];
  const named = new Set(evidence.flatMap(nodesOf));
  return edits.flatMap((edit) => {
    const { path, kind } = edit;
    const { scope, node } = targetOf(edit);
    const carried = path[0] === 'ui' && path[1] === 'carried';
    if (carried) return isCarriedOf(edit, named) ? [] : [`it changes ${path.join('/')}, which is none of its nodes`];
    if (node === undefined) return [`it changes ${path.join('/') || 'the document'}, which is no node`];
    const inside = scope === undefined ? path : path.slice(2);
    const isMark = inside.length === 4 && inside[2] === 'ui' && isFormOnly(inside[3]!, edit);
    const isDrawing = workflow.format === 'ui' && (inside[2] === 'positional' || DRAWN.has(inside[3] ?? ''));
    if (!KINDS.has(kind) && !isMark && !isDrawing) return [`it makes a change of the kind ${kind}`];
    const isNew = kind === 'add-node' && own(scopeAt(workflow, scope)?.nodes ?? {}, node) === undefined;
    return isNew || named.has(nodeKey(scope, node)) ? [] : [`it touches node ${node}, which its findings do not name`];
  });
}

/** Whether a finding is still there, and no less bad. */
function isLeft(one: Diagnostic, left: ReadonlyMap<string, Severity>): boolean {
  const severity = left.get(faultKey(one));
  return severity !== undefined && (severity === 'error' || one.severity !== 'error');
}

/** Whether a change is one of form alone: a mark taken away, or the empty `_meta` that the server asks for. */
function isFormOnly(key: string, { from, to }: Edit): boolean {
  return to === undefined ? MARKS.has(key) : key === 'meta' && from === undefined && jsonEqual(to, {});
}

/** Whether an edit takes out an entry that is no node, and only one that the findings name. */
function isCarriedOf({ path, from, to }: Edit, named: ReadonlySet<string>): boolean {
  if (to !== undefined) return false;
  const ids = path.length === 2 ? Object.keys(isObject(from) ? from : {}) : [path[2]!];
  return path.length <= 3 && ids.every((id) => named.has(nodeKey(undefined, id)));
}

/** The node an edit changes, `carried` entries under the id they have. */
function nodeOfEdit(edit: Edit): string {
  const { scope, node } = targetOf(edit);
  return nodeKey(scope, node ?? edit.path.at(-1) ?? '');
}

/** Whether anything but the named nodes is another than before; says what. [RA-3] */
function touchedBeyond(before: Workflow, after: Workflow, named: ReadonlySet<string>): string | undefined {
  const { nodes: _a, subgraphs: inner, ui: oldUi, ...head } = before;
  const { nodes: _b, subgraphs: innerAfter, ui: newUi, ...headAfter } = after;
  const { carried: _c, ...ui } = oldUi;
  const { carried: _d, ...uiAfter } = newUi;
  if (!jsonEqual(head as Json, headAfter as Json) || !jsonEqual(ui, uiAfter)) return 'it changes more than nodes';
  if (!jsonEqual(Object.keys(inner), Object.keys(innerAfter))) return 'it changes the definitions of the file';
  for (const scope of [undefined, ...Object.keys(inner)]) {
    const [old, now] = [scopeAt(before, scope)!, scopeAt(after, scope)!];
    if (old === now) continue;
    const { nodes: oldNodes, ...rest } = old;
    const { nodes: newNodes, ...restAfter } = now;
    if (scope !== undefined && !jsonEqual(rest as Json, restAfter as Json))
      return `it changes the interface of ${scope}`;
    for (const id of new Set([...Object.keys(oldNodes), ...Object.keys(newNodes)])) {
      const [a, b] = [own(oldNodes, id), own(newNodes, id)];
      if (a !== b && !named.has(nodeKey(scope, id)) && !jsonEqual(a as Json | undefined, b as Json | undefined))
        return `it changes node ${id} without saying so`;
    }
  }
  return undefined;
}

/** Whether a changed node holds a value that its input does not take, or another file than before; says which. [RA-4] */
function untypedChange(
  before: Workflow,
  after: Workflow,
  edits: readonly Edit[],
  catalog: Catalog,
): string | undefined {
  const seen = new Set<string>();
  for (const edit of edits) {
    const { scope, node: id } = targetOf(edit);
    if (id === undefined || seen.has(nodeKey(scope, id))) continue;
    seen.add(nodeKey(scope, id));
    const now = own(scopeAt(after, scope)!.nodes, id);
    const old = own(scopeAt(before, scope)!.nodes, id);
    const fault = now && untypedNode(id, old, now, catalog);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function untypedNode(
  id: string,
  old: WorkflowNode | undefined,
  now: WorkflowNode,
  catalog: Catalog,
): string | undefined {
  const definition = catalog.node(now.class_type);
  if (!definition)
    return now.class_type === old?.class_type
      ? undefined
      : `it makes node ${id} a ${now.class_type}, which no catalog knows`;
  const held = (name: string): Json | undefined => own(now.widgets, name);
  const { byName } = declaredInputs(definition, held);
  for (const [name, value] of Object.entries(now.widgets)) {
    if (old && jsonEqual(own(old.widgets, name), value)) continue;
    const input = byName.get(name);
    if (!input) {
      if (Object.values(old?.widgets ?? {}).some((one) => jsonEqual(one, value))) continue;
      // The page keeps it beside a seed, in the file only.
      if (now.ui.widgets_form === 'list' && name === 'control_after_generate' && isControl(value)) continue;
      return `it puts a value into ${id}.${name}, an input that ${now.class_type} does not have`;
    }
    const fault = checkValue(input, value).find(({ code }) => code !== 'VALUE_OFF_STEP' && code !== 'FILE_MISSING');
    if (fault) return `${id}.${name}: ${fault.reason}`;
    if (isOtherFile(input, old, value)) return `it puts a file of its choice into ${id}.${name}`;
  }
  return undefined;
}

/** A file may be taken out of a wrapper or moved to another input of its node: its name must have stood there before. [RA-5] */
function isOtherFile({ options }: DeclaredInput, old: WorkflowNode | undefined, value: Json): boolean {
  return options.files !== undefined && !holds(old?.widgets as JsonObject | undefined, value);
}

function holds(container: Json | undefined, value: Json): boolean {
  if (container === undefined) return false;
  if (jsonEqual(container, value)) return true;
  if (Array.isArray(container)) return container.some((one) => holds(one, value));
  return isObject(container) && Object.values(container).some((one) => holds(one, value));
}
