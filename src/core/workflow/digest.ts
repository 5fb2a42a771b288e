import { sha256 } from '../../base/hash.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson, scalarText, sortedKeys } from '../../base/json-text.ts';
import type { InterfaceSlot, Scope, Workflow, WorkflowNode } from './types.ts';
import { writeWorkflow } from './write.ts';

/** sha256 of the RFC 8785 text of the whole canonical document. [CF-10] */
export function docDigest(workflow: Workflow): string {
  return sha256(canonicalJson(writeWorkflow(workflow)));
}

/** Texts of nodes: most nodes of a version are those of the version before. */
const nodeTexts = new WeakMap<WorkflowNode, string>();

/**
 * sha256 of what ComfyUI would run: classes, modes, widget values, links, subgraph interfaces; nothing of where things
 * stand or how they look. Ids take part: matching nodes under other ids is the diff's work. [CF-11]
 */
export function graphDigest(workflow: Workflow): string {
  const subgraphs = objectText(workflow.subgraphs, ({ inputs, input_order, outputs, output_order, ...scope }) => {
    const sides = {
      inputs: input_order.map((key) => graphSlot(key, inputs[key]!)),
      outputs: output_order.map((key) => graphSlot(key, outputs[key]!)),
    };
    return `{"inputs":${canonicalJson(sides.inputs)},"nodes":${nodesText(scope)},"outputs":${canonicalJson(sides.outputs)}}`;
  });
  const format = canonicalJson(workflow.format);
  return sha256(`{"format":${format},"nodes":${nodesText(workflow)},"subgraphs":${subgraphs}}`);
}

function nodesText(scope: Scope): string {
  return objectText(scope.nodes, nodeText);
}

/** The canonical text of an object whose members have theirs. */
function objectText<T>(members: Readonly<Record<string, T>>, textOf: (member: T) => string): string {
  const keys = sortedKeys(members as Readonly<JsonObject>);
  return `{${keys.map((key) => `${scalarText(key)}:${textOf(members[key]!)}`).join(',')}}`;
}

function nodeText(node: WorkflowNode): string {
  let text = nodeTexts.get(node);
  if (text === undefined) {
    text = canonicalJson(graphNode(node));
    nodeTexts.set(node, text);
  }
  return text;
}

function graphNode({ class_type, mode, widgets, links, positional, ui }: WorkflowNode): Json {
  const out: JsonObject = { class_type, widgets: widgets as JsonObject, links: links as unknown as JsonObject };
  if (mode !== undefined) out.mode = mode;
  if (positional !== undefined) out.positional = positional as JsonObject;
  const proxied = (ui.properties as JsonObject | undefined)?.proxyWidgets;
  if (proxied !== undefined) out.proxyWidgets = proxied;
  return out;
}

function graphSlot(key: string, slot: InterfaceSlot): Json {
  const out: JsonObject = { id: key, name: slot.name, type: slot.type };
  if (slot.link) out.link = { ...slot.link };
  return out;
}
