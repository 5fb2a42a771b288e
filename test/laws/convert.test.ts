import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { jsonEqual } from '../../src/base/json-text.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../src/core/convert/convert.ts';
import { fileOrder } from '../../src/core/convert/renumber.ts';
import { read, uiDocument } from './arbitrary.ts';

function convert(document: JsonObject) {
  return convertToApi(read(document), defaultCatalog(), {
    order: fileOrder(document),
    now: new Date(0),
    choose: () => 0,
  });
}

/** The nodes inside get ids of their own: two nodes under one id are renumbered in the order of the file. [CV-2] */
const apart = uiDocument.map((document) => {
  const definitions = document.definitions as { subgraphs: JsonObject[] } | undefined;
  return definitions === undefined
    ? document
    : { ...document, definitions: { subgraphs: definitions.subgraphs.map((one) => renumbered(one, 50)) } };
});

/** Every id of one scope moved up. */
function renumbered(scope: JsonObject, by: number): JsonObject {
  const id = (value: Json | undefined) => (value as number) + by;
  return {
    ...scope,
    nodes: (scope.nodes as JsonObject[]).map((node) => ({ ...node, id: id(node.id) })),
    links: (scope.links as (Json[] | JsonObject)[]).map((row) =>
      Array.isArray(row)
        ? [row[0]!, id(row[1]), row[2]!, id(row[3]), ...row.slice(4)]
        : { ...row, origin_id: id(row.origin_id), target_id: id(row.target_id) },
    ),
  };
}

/** The same graph in another file: other orders, places, views and counters. */
function savedAgain(value: Json, key = ''): Json {
  if (Array.isArray(value)) {
    const members = value.map((member) => savedAgain(member));
    return ['nodes', 'links'].includes(key) ? members.reverse() : members;
  }
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const name of Object.keys(value).reverse()) {
    if (name === 'pos') out[name] = [500, 500];
    else if (name === 'extra') out[name] = { ds: { scale: 2, offset: [9, 9] }, note: 'moved' };
    else out[name] = savedAgain(value[name]!, name);
  }
  return out;
}

test('[CV-24] the prompt depends on the graph alone: not on the order of nodes and links, on places, on views', () => {
  fc.assert(
    fc.property(apart, (document) => {
      const [a, b] = [convert(document), convert(savedAgain(document) as JsonObject)];
      expect(jsonEqual(a.prompt as never, b.prompt as never)).toBe(true);
      expect(JSON.stringify(a.prompt)).toBe(JSON.stringify(b.prompt));
      expect(b.diagnostics).toEqual(a.diagnostics);
    }),
  );
});

test('[CV-24] other ids in the file are other ids in the prompt, and nothing else', () => {
  const moved = (id: string) => id.replace(/^\d+/, (first) => String(Number(first) + 100));
  fc.assert(
    fc.property(apart, (document) => {
      const before = convert(document).prompt;
      const after = convert({ ...document, ...renumbered(document, 100) }).prompt;
      const expected = Object.entries(before).map(([id, node]) => {
        const isSent = (value: Json): value is [string, number] =>
          Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Object.hasOwn(before, value[0]);
        const inputs = Object.entries(node.inputs).map(([name, value]) => [
          name,
          isSent(value) ? [moved(value[0]), value[1]] : value,
        ]);
        return [moved(id), { ...node, inputs: Object.fromEntries(inputs) }];
      });
      expect(after).toEqual(Object.fromEntries(expected));
    }),
  );
});

test('[CV-3] no link of a prompt leads to a node that is not in it', () => {
  fc.assert(
    fc.property(uiDocument, (document) => {
      const { prompt } = convert(document);
      for (const { inputs } of Object.values(prompt)) {
        for (const value of Object.values(inputs)) {
          if (Array.isArray(value)) expect(Object.keys(prompt)).toContain(value[0]);
        }
      }
    }),
  );
});
