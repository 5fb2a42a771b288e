import type { Json, JsonObject } from '../../base/json.ts';
import { compareIds } from './names.ts';
import { prettyJson } from './pretty.ts';
import type { Workflow, WorkflowNode } from './types.ts';
import { writeUi } from './write-ui.ts';

/** The native ComfyUI document of a workflow, in canonical order. Inverse of readWorkflow. [CF-1] */
export function writeWorkflow(workflow: Workflow): Json {
  return workflow.format === 'api' ? writeApi(workflow) : writeUi(workflow);
}

/** The canonical text of a workflow, ending in a line feed: what a commit's tree holds. [CF-6] */
export function formatWorkflow(workflow: Workflow): string {
  return prettyJson(writeWorkflow(workflow));
}

function writeApi(workflow: Workflow): JsonObject {
  const out: JsonObject = {};
  for (const id of Object.keys(workflow.nodes).sort(compareIds)) out[id] = writeApiNode(workflow.nodes[id]!);
  return { ...out, ...(workflow.ui.carried as JsonObject | undefined) };
}

function writeApiNode({ class_type, widgets, links, ui }: WorkflowNode): JsonObject {
  const inputs: JsonObject = { ...widgets };
  for (const [name, { from, slot }] of Object.entries(links)) inputs[name] = [from, slot];
  const out: JsonObject = { ...(ui.carried as JsonObject | undefined), class_type };
  if (ui.no_inputs !== true || Object.keys(inputs).length > 0) out.inputs = inputs;
  const title = ui.title ?? ui.odd_title;
  if (ui.odd_meta !== undefined) out._meta = ui.odd_meta;
  else if (ui.meta !== undefined || title !== undefined) {
    out._meta = { ...(ui.meta as JsonObject | undefined), ...(title === undefined ? {} : { title }) };
  }
  return out;
}
