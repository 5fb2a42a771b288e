import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';

/** Classes of the generated graphs; one is unknown to every catalog. */
const CLASSES = ['KSampler', 'CLIPTextEncode', 'VAEDecode', 'LoraLoader', 'SomeCustomNode'];
const INPUTS = ['model', 'positive', 'steps', 'text', 'vae'];
const IDS = ['1', '2', '3', '4', '5', '6'];

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom<Json>('a', 'b', 'a cat', true, false, null, 18446744073709551615n, [1, 2, 3], { a: { b: 1 } }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : Number.isInteger(x) ? 0.5 : x)),
);
const link: fc.Arbitrary<Json> = fc.tuple(fc.constantFrom(...IDS), fc.nat(2)) as fc.Arbitrary<Json>;

const apiNode: fc.Arbitrary<JsonObject> = fc.record(
  {
    class_type: fc.constantFrom<Json>(...CLASSES),
    inputs: fc.dictionary(fc.constantFrom(...INPUTS), fc.oneof(value, link)) as fc.Arbitrary<Json>,
    _meta: fc.record({ title: fc.constantFrom<Json>('one', 'two') }) as fc.Arbitrary<Json>,
  },
  { requiredKeys: ['class_type', 'inputs'] },
);

/** An API document of up to six nodes; links may dangle and nodes feed themselves, as in files of people. */
export const apiDocument: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom(...IDS), apiNode, { minKeys: 1 });

const uiNode = fc.record({
  type: fc.constantFrom(...CLASSES, 'a0000000-0000-4000-8000-000000000001'),
  mode: fc.constantFrom(0, 2, 4),
  pos: fc.tuple(fc.nat(20), fc.nat(20)),
  title: fc.option(fc.constantFrom('one', 'two')),
  values: fc.array(value, { maxLength: 4 }),
  named: fc.boolean(),
  sources: fc.array(fc.option(fc.tuple(fc.nat(5), fc.nat(1))), { maxLength: 3 }),
});
type UiNode = typeof uiNode extends fc.Arbitrary<infer T> ? T : never;

const scope = fc.dictionary(fc.constantFrom(...IDS), uiNode, { minKeys: 1, maxKeys: 5 });

/** A UI document with up to five nodes, a group, and at times a subgraph definition of the same make. */
export const uiDocument: fc.Arbitrary<JsonObject> = fc
  .record({ root: scope, inner: fc.option(scope), groups: fc.array(fc.nat(9), { maxLength: 2 }) })
  .map(({ root, inner, groups }) => ({
    ...buildScope(root, false),
    groups: groups.map((x, id) => ({ id: id + 1, title: `group ${x}`, bounding: [x, x, 10, 10] })),
    version: 0.4,
    extra: { ds: { scale: 1, offset: [0, 0] } },
    last_node_id: 6,
    last_link_id: 20,
    ...(inner ? { definitions: { subgraphs: [subgraph(inner)] } } : {}),
  }));

/** A workflow in keyed form, of either format. */
export const workflow: fc.Arbitrary<Workflow> = fc.oneof(apiDocument, uiDocument).map(read);

/** Three workflows of one format, as base and two sides: a side keeps most of the base. */
export const triple: fc.Arbitrary<readonly [Workflow, Workflow, Workflow]> = fc.oneof(
  side(apiDocument, mixApi),
  side(uiDocument, mixUi),
);

/** Reads a generated document with the shipped catalog. */
export function read(json: Json): Workflow {
  return readWorkflow(json, { catalog: defaultCatalog(), source: 'generated.json' });
}

function side(
  document: fc.Arbitrary<JsonObject>,
  mix: (base: JsonObject, other: JsonObject, pick: readonly boolean[]) => JsonObject,
): fc.Arbitrary<readonly [Workflow, Workflow, Workflow]> {
  const picks = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
  return fc
    .tuple(document, document, document, picks, picks)
    .map(([base, a, b, p, q]) => [read(base), read(mix(base, a, p)), read(mix(base, b, q))] as const);
}

/** The base with some of its nodes replaced, added or removed as the other document has them. */
function mixApi(base: JsonObject, other: JsonObject, pick: readonly boolean[]): JsonObject {
  const out: JsonObject = { ...base };
  for (const [i, id] of IDS.entries()) {
    if (!pick[i]) continue;
    if (other[id] === undefined) delete out[id];
    else out[id] = other[id];
  }
  return Object.keys(out).length === 0 ? base : out;
}

function mixUi(base: JsonObject, other: JsonObject, pick: readonly boolean[]): JsonObject {
  // Links belong to nodes and table alike: a document is taken with all its links or not at all.
  return pick[0]
    ? { ...other, ...(pick[1] ? { groups: base.groups! } : {}) }
    : { ...base, ...(pick[2] ? { groups: other.groups! } : {}) };
}

function buildScope(nodes: Readonly<Record<string, UiNode>>, objects: boolean): JsonObject {
  const links: Json[] = [];
  const out: JsonObject[] = Object.entries(nodes).map(([id, node]) => {
    const inputs = node.sources.map((source, slot) => {
      if (!source) return { name: INPUTS[slot]!, type: '*', link: null };
      const row = links.length + 1;
      const [from, fromSlot] = [source[0] + 1, source[1]];
      if (objects) {
        links.push({
          id: row,
          origin_id: from,
          origin_slot: fromSlot,
          target_id: Number(id),
          target_slot: slot,
          type: '*',
        });
      } else links.push([row, from, fromSlot, Number(id), slot, '*']);
      return { name: INPUTS[slot]!, type: '*', link: row };
    });
    return {
      id: Number(id),
      type: node.type,
      mode: node.mode,
      pos: [...node.pos],
      inputs,
      outputs: [0, 1].map((slot) => ({ name: `out${slot}`, type: '*', links: null })),
      widgets_values: node.values,
      ...(node.named ? { widgets_values_named: Object.fromEntries(node.values.map((v, i) => [`w${i}`, v])) } : {}),
      ...(node.title === null ? {} : { title: node.title }),
      properties: {},
    };
  });
  for (const node of out) {
    for (const [slot, output] of (node.outputs as JsonObject[]).entries()) {
      const ids = links
        .map((row) =>
          Array.isArray(row)
            ? row
            : [(row as JsonObject).id!, (row as JsonObject).origin_id!, (row as JsonObject).origin_slot!],
        )
        .filter(([, from, fromSlot]) => from === node.id && fromSlot === slot)
        .map(([id]) => id!);
      output.links = ids.length > 0 ? ids : null;
    }
  }
  return { nodes: out, links };
}

function subgraph(nodes: Readonly<Record<string, UiNode>>): JsonObject {
  return {
    id: 'a0000000-0000-4000-8000-000000000001',
    name: 'inner',
    version: 1,
    inputs: [{ id: 'b0000000-0000-4000-8000-000000000001', name: 'image', type: 'IMAGE', linkIds: [] }],
    outputs: [],
    ...buildScope(nodes, true),
  };
}
