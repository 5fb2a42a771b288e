import { expect } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { EMPTY_CATALOG } from '../../../src/core/catalog/catalog.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { formatWorkflow, writeWorkflow } from '../../../src/core/workflow/write.ts';

/** Reads a document with no node definitions known. */
export function read(json: Json): Workflow {
  return readWorkflow(json, { catalog: EMPTY_CATALOG, source: 'x.json' });
}

/** The workflow after its text was written and read again. */
export function readAgain(workflow: Workflow): Workflow {
  return read(parseJson(formatWorkflow(workflow)));
}

/** Whether a workflow is what its own text reads as. */
export function isSettled(workflow: Workflow): boolean {
  return jsonEqual(readAgain(workflow) as never, workflow as never);
}

/** The code of the error that a call throws; undefined when it throws none. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** A node of a UI file: `inputs` maps names to link ids, `outputs` lists types. */
export function uiNode(id: Json, type: string, more: JsonObject = {}): JsonObject {
  return { id, type, pos: [0, 0], size: [100, 100], flags: {}, order: 0, mode: 0, properties: {}, ...more };
}

/** An input socket. */
export function input(name: string, link: Json = null, type = 'MODEL'): JsonObject {
  return { name, type, link };
}

/** An output socket. */
export function output(name: string, links: Json = null, type = 'MODEL'): JsonObject {
  return { name, type, links };
}

/** A UI document of these nodes and links. */
export function uiDocument(nodes: Json[], links: Json[] = [], more: JsonObject = {}): JsonObject {
  return { last_node_id: 0, last_link_id: 0, nodes, links, groups: [], config: {}, extra: {}, version: 0.4, ...more };
}

/** Two nodes, one link: a loader `1` that feeds a sampler `2`. */
export function pair(): JsonObject {
  return uiDocument(
    [
      uiNode(1, 'Loader', { outputs: [output('MODEL', [7])], widgets_values: ['a.safetensors'] }),
      uiNode(2, 'Sampler', { inputs: [input('model', 7)], widgets_values: [42, 20] }),
    ],
    [[7, 1, 0, 2, 0, 'MODEL']],
  );
}

/** Id of the definition in `withSubgraph`. */
export const SUBGRAPH = '11111111-2222-4333-8444-555555555555';

/** A UI document with one subgraph definition whose members can be replaced. */
export function withSubgraph(members: JsonObject = {}): JsonObject {
  const id = SUBGRAPH;
  const definition = {
    id,
    name: 'Shift',
    inputs: [{ id: 'in-model', name: 'model', type: 'MODEL', linkIds: [1] }],
    outputs: [{ id: 'out-model', name: 'MODEL', type: 'MODEL', linkIds: [2] }],
    nodes: [uiNode(5, 'Inner', { inputs: [input('model', 1)], outputs: [output('MODEL', [2])], widgets_values: [3] })],
    links: [
      { id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: 'MODEL' },
      { id: 2, origin_id: 5, origin_slot: 0, target_id: -20, target_slot: 0, type: 'MODEL' },
    ],
    groups: [],
    ...members,
  };
  return uiDocument([uiNode(3, id)], [], { definitions: { subgraphs: [definition] } });
}

/** The document as it is written; its text must settle at once. */
export function rewritten(document: JsonObject): JsonObject {
  const workflow = read(document);
  expect(isSettled(workflow)).toBe(true);
  expect(formatWorkflow(readAgain(workflow))).toBe(formatWorkflow(workflow));
  return writeWorkflow(workflow) as JsonObject;
}
