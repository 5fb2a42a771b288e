import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { canonicalJson, jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { docDigest, graphDigest } from '../../../src/core/workflow/digest.ts';
import { detectFormat, parseWorkflow, readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { formatWorkflow, writeWorkflow } from '../../../src/core/workflow/write.ts';
import { withCorpus } from '../../corpus.ts';

const read = (json: Json, source = 'x.json'): Workflow => readWorkflow(json, { catalog: defaultCatalog(), source });

function* workflowsIn(folder: string): Generator<[string, JsonObject]> {
  for (const file of readdirSync(folder)) {
    const json = parseJson(readFileSync(join(folder, file)), { source: file });
    if (detectFormat(json) !== undefined) yield [file, json as JsonObject];
  }
}

/** What may differ between two saves of one document: orders of lists that are sets, counters, the view. */
function meaning(value: Json, key = ''): Json {
  if (Array.isArray(value)) {
    const members = value.map((member) => meaning(member));
    const isSet = ['nodes', 'links', 'linkIds', 'subgraphs', 'groups'].includes(key);
    return isSet ? members.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : members;
  }
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (/^(ds|revision|last_node_id|last_link_id|lastNodeId|lastLinkId|lastGroupId)$/.test(name)) continue;
    out[name] = meaning(member, name);
  }
  return out;
}

/** A save of the same graph: other orders everywhere, another view, other counters. */
function savedAgain(value: Json, key = ''): Json {
  if (Array.isArray(value)) {
    const members = value.map((member) => savedAgain(member));
    const isSet = ['nodes', 'links', 'subgraphs'].includes(key) || (key === 'groups' && haveOwnIds(value));
    return isSet ? members.reverse() : members;
  }
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const name of Object.keys(value).reverse()) {
    if (name === 'revision') out[name] = 17;
    else if (name === 'last_node_id' || name === 'last_link_id') out[name] = 99_999;
    else if (name === 'ds') out[name] = { scale: 3, offset: [1, 2] };
    else out[name] = savedAgain(value[name]!, name);
  }
  return out;
}

function haveOwnIds(groups: readonly Json[]): boolean {
  const ids = groups.map((group) => (isObject(group) ? group.id : undefined));
  return ids.every((id) => typeof id === 'number') && new Set(ids).size === ids.length;
}

function nodesOf(json: JsonObject): JsonObject[] {
  const subgraphs = (json.definitions as { subgraphs?: JsonObject[] } | undefined)?.subgraphs ?? [];
  return [json, ...subgraphs].flatMap((scope) => (scope.nodes ?? []) as JsonObject[]);
}

for (const name of ['templates', 'blueprints']) {
  withCorpus(name, (folder) => {
    describe(`every file of ${name}`, () => {
      it('[CF-1] reads and writes to the same document, and its text to itself', () => {
        let count = 0;
        for (const [file, json] of workflowsIn(folder)) {
          const workflow = read(json, file);
          const text = formatWorkflow(workflow);
          const again = parseJson(text);
          expect(jsonEqual(read(again, file) as never, workflow as never), file).toBe(true);
          expect(canonicalJson(meaning(again)), file).toBe(canonicalJson(meaning(json)));
          expect(formatWorkflow(read(again, file)), file).toBe(text);
          count++;
        }
        expect(count).toBeGreaterThan(100);
      }, 60_000);

      it('[CF-6] is the RFC 8785 text where white space is taken out', () => {
        for (const [file, json] of workflowsIn(folder)) {
          const workflow = read(json, file);
          const text = formatWorkflow(workflow);
          expect(text.endsWith('}\n'), file).toBe(true);
          const bare = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted) => quoted ?? '');
          expect(bare, file).toBe(canonicalJson(writeWorkflow(workflow)));
        }
      }, 60_000);

      it('[CF-4] [CF-5] is the same after a save with other orders, view and counters', () => {
        for (const [file, json] of workflowsIn(folder)) {
          const [a, b] = [read(json, file), read(savedAgain(json), file)];
          expect(formatWorkflow(b), file).toBe(formatWorkflow(a));
          expect(docDigest(b), file).toBe(docDigest(a));
        }
      }, 60_000);

      it('[CF-6] changes one line with one parameter', () => {
        let edits = 0;
        let files = 0;
        for (const [file, json] of workflowsIn(folder)) {
          const isSample = ++files % 20 === 0;
          const before = formatWorkflow(read(json, file)).split('\n');
          for (const node of nodesOf(json)) {
            const values = node.widgets_values;
            if (!Array.isArray(values) || values.length === 0) continue;
            const at = isSample ? 0 : edits % values.length;
            const value = values[at]!;
            if (typeof value === 'object' && value !== null) continue;
            values[at] =
              typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value} and more`;
            const after = formatWorkflow(read(json, file)).split('\n');
            values[at] = value;
            const changed = after.filter((line, i) => line !== before[i]);
            expect([file, node.type, after.length, changed.length]).toEqual([file, node.type, before.length, 1]);
            edits++;
            // Every node of a sample, a few of the others: every widget kind occurs in many files.
            if (!isSample && edits % 3 === 0) break;
          }
        }
        expect(edits).toBeGreaterThan(100);
      }, 120_000);

      it('[CF-11] keeps its graph digest when nodes move, and loses it when a value changes', () => {
        for (const [file, json] of workflowsIn(folder)) {
          const before = graphDigest(read(json, file));
          for (const node of nodesOf(json)) {
            node.pos = [1, 2];
            node.color = '#123456';
          }
          expect(graphDigest(read(json, file)), file).toBe(before);
          const node = nodesOf(json).find(({ widgets_values: values }) => Array.isArray(values) && values.length > 0);
          if (!node) continue;
          (node.widgets_values as Json[])[0] = 'quite another value';
          expect(graphDigest(read(json, file)), file).not.toBe(before);
        }
      }, 60_000);
    });
  });
}

it('[CF-1] bytes, text and parsed JSON give one document', () => {
  const text = '{"1":{"class_type":"A","inputs":{"x":18446744073709551615}}}';
  const options = { catalog: defaultCatalog(), source: 'x.json' };
  const workflow = parseWorkflow(Buffer.from(text), options);
  expect(workflow).toEqual(parseWorkflow(text, options));
  expect(workflow.nodes['1']!.widgets.x).toBe(18446744073709551615n);
  expect(formatWorkflow(workflow)).toContain('18446744073709551615');
});
