import { sha256 } from '../../base/hash.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { InterfaceSlot, Scope, Workflow, WorkflowNode } from './types.ts';
import { writeWorkflow } from './write.ts';

/** sha256 of the RFC 8785 text of the whole canonical document. [CF-10] */
export function docDigest(workflow: Workflow): string {
  return sha256(canonicalJson(writeWorkflow(workflow)));
}

/**
 * sha256 of what ComfyUI would run: classes, modes, widget values, links, subgraph interfaces; nothing of where things
 * stand or how they look. Ids take part: matching nodes under other ids is the diff's work. [CF-11]
 */
export function graphDigest(workflow: Workflow): string {
  const subgraphs: JsonObject = {};
  for (const [id, { inputs, input_order, outputs, output_order, ...scope }] of Object.entries(workflow.subgraphs)) {
    subgraphs[id] = {
      nodes: graphNodes(scope),
      inputs: input_order.map((key) => graphSlot(key, inputs[key]!)),
      outputs: output_order.map((key) => graphSlot(key, outputs[key]!)),
    };
  }
  return sha256(canonicalJson({ format: workflow.format, nodes: graphNodes(workflow), subgraphs }));
}

function graphNodes(scope: Scope): Json {
  const out: JsonObject = {};
  for (const [id, node] of Object.entries(scope.nodes)) out[id] = graphNode(node);
  return out;
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
