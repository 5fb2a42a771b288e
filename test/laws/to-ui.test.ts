import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { jsonEqual } from '../../src/base/json-text.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../src/core/convert/convert.ts';
import { convertToUi } from '../../src/core/convert/to-ui.ts';
import { formatWorkflow } from '../../src/core/workflow/write.ts';
import { apiDocument, read } from './arbitrary.ts';

const catalog = defaultCatalog();

function asDoubles(value: Json): Json {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one)));
}

test('[CV-67] every prompt comes back as it was, but for the places that are remarked on', () => {
  fc.assert(
    fc.property(apiDocument, (document) => {
      const { document: ui, diagnostics } = convertToUi(read(document), catalog);
      const { prompt } = convertToApi(read(ui), catalog, { now: new Date(0), choose: () => 0 });
      const remarked = new Set(diagnostics.map(({ code, node, input }) => `${code === 'VALUE_HELD'} ${node} ${input}`));
      expect(Object.keys(prompt).sort()).toEqual(Object.keys(document).sort());
      for (const [id, node] of Object.entries(document as Record<string, JsonObject>)) {
        const [before, after] = [node.inputs as JsonObject, prompt[id]!.inputs];
        expect(prompt[id]!.class_type).toBe(node.class_type);
        for (const input of new Set([...Object.keys(before), ...Object.keys(after)])) {
          const same = input in before && input in after && jsonEqual(asDoubles(before[input]!), after[input]!);
          expect([id, input, same]).toEqual([id, input, !remarked.has(`false ${id} ${input}`)]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('[CV-66] the same prompt gives the same file, whatever the order of its members', () => {
  fc.assert(
    fc.property(apiDocument, (document) => {
      const turned = Object.fromEntries(Object.entries(document).reverse());
      expect(convertToUi(read(turned), catalog)).toEqual(convertToUi(read(document), catalog));
    }),
  );
});

test('[CF-1] what is made reads as a workflow and is written as it was read', () => {
  fc.assert(
    fc.property(apiDocument, (document) => {
      const { document: ui } = convertToUi(read(document), catalog);
      const text = formatWorkflow(read(ui));
      expect(formatWorkflow(read(JSON.parse(text)))).toBe(formatWorkflow(read(asDoubles(ui))));
    }),
  );
});
