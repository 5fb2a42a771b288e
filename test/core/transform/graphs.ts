import { isCwfError } from '../../../src/base/errors.ts';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { convertToUi } from '../../../src/core/convert/to-ui.ts';
import { runTransforms, type Transformed } from '../../../src/core/transform/run-transform.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { apiGraph } from '../../porcelain/samples.ts';

const catalog = defaultCatalog();

/** Reads a document with the shipped catalog. */
export function read(json: Json): Workflow {
  return readWorkflow(json, { catalog, source: 'x.json' });
}

/** Uuid of the definition that `inSubgraph` makes. */
export const SCOPE = '22222222-2222-4333-8444-555555555555';

/** The text-to-image graph as a prompt, as a file of the page, and inside a subgraph of such a file. */
export function textToImage(): { readonly api: Workflow; readonly ui: Workflow; readonly inner: Workflow } {
  const api = read(apiGraph());
  const document = convertToUi(api, catalog).document;
  return { api, ui: read(document), inner: read(inSubgraph(document)) };
}

/** A file of the page whose root holds one instance of a subgraph with all that another file has. */
export function inSubgraph(document: JsonObject): JsonObject {
  const links = (document.links as Json[][]).map(([id, from, slot, to, toSlot, type]) => ({
    id: id!,
    origin_id: from!,
    origin_slot: slot!,
    target_id: to!,
    target_slot: toSlot!,
    type: type!,
  }));
  const definition: JsonObject = {
    id: SCOPE,
    version: 1,
    state: { lastGroupId: 0, lastNodeId: 9, lastLinkId: links.length, lastRerouteId: 0 },
    revision: 0,
    config: {},
    name: 'Inner',
    inputNode: { id: -10, bounding: [-300, 0, 100, 100] },
    outputNode: { id: -20, bounding: [3000, 0, 100, 100] },
    inputs: [],
    outputs: [],
    widgets: [],
    nodes: document.nodes!,
    groups: [],
    links,
    extra: {},
  };
  return {
    last_node_id: 20,
    last_link_id: 0,
    nodes: [
      {
        id: 20,
        type: SCOPE,
        pos: [0, 0],
        size: [200, 100],
        flags: {},
        order: 0,
        mode: 0,
        inputs: [],
        outputs: [],
        properties: {},
      },
    ],
    links: [],
    groups: [],
    definitions: { subgraphs: [definition] },
    config: {},
    extra: {},
    version: 0.4,
  };
}

/** Runs one transform, its arguments as JSON. */
export function run(workflow: Workflow, op: string, args: JsonObject = {}): Transformed {
  return runTransforms(workflow, [{ op, args }], { catalog, source: 'x.json' });
}

/** Code and text of the error that a transform ends with: `CODE: message | hint`. */
export function mistake(workflow: Workflow, op: string, args: JsonObject = {}): string {
  try {
    run(workflow, op, args);
  } catch (error) {
    if (isCwfError(error)) return `${error.code}: ${error.message} | ${error.hint}`;
    throw error;
  }
  return 'nothing went wrong';
}
