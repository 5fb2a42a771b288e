import type { Json, JsonObject } from '../../base/json.ts';
import { type PrintedParts, prettyBytes } from './pretty.ts';
import type { Workflow, WorkflowNode } from './types.ts';
import { writeWorkflow } from './write.ts';
import { type WriteNode, writeNode } from './write-node.ts';
import { writeUi } from './write-ui.ts';

/** A node in its native form, and all that this depends on besides the node: its id and the ids of its links. */
interface Written {
  readonly fileId: Json;
  readonly inputs: readonly (Json | undefined)[];
  readonly outputs: readonly (readonly Json[])[];
  readonly json: JsonObject;
}

/** Most nodes of a version are those of the version before. */
const written = new WeakMap<WorkflowNode, Written>();
const printed: PrintedParts = new WeakMap();

/** The canonical text of a workflow in UTF-8, as formatWorkflow; a node that was written before is not written again. */
export function formatBytes(workflow: Workflow): Buffer {
  return prettyBytes(workflow.format === 'ui' ? writeUi(workflow, writeKnown) : writeWorkflow(workflow), printed);
}

const writeKnown: WriteNode = (fileId, id, node, idsFrom, inputId) => {
  const known = written.get(node);
  const isSame =
    known !== undefined &&
    known.fileId === fileId &&
    known.inputs.every((link, slot) => inputId(slot) === link) &&
    known.outputs.every((links, slot) => sameIds(idsFrom(id, slot), links));
  if (isSame) return known.json;
  const inputs: (Json | undefined)[] = [];
  const outputs: (readonly Json[])[] = [];
  const json = writeNode(
    fileId,
    id,
    node,
    (from, slot) => {
      outputs[slot] = [...idsFrom(from, slot)];
      return idsFrom(from, slot);
    },
    (slot) => {
      inputs[slot] = inputId(slot);
      return inputs[slot];
    },
  );
  written.set(node, { fileId, inputs, outputs, json });
  printed.set(json, { depth: 0 });
  return json;
};

function sameIds(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
