import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { type ParseOptions, parseJson, parseVersion } from '../../src/base/json-parse.ts';
import type { JsonPart } from '../../src/base/json-parts.ts';
import { cloneJson, shareEqual } from '../../src/base/json-text.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { prettyJson } from '../../src/core/workflow/pretty.ts';
import { detectFormat, readWorkflow } from '../../src/core/workflow/read.ts';
import { ReadMemo } from '../../src/core/workflow/read-memo.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';
import { formatWorkflow } from '../../src/core/workflow/write.ts';
import { formatBytes } from '../../src/core/workflow/write-known.ts';
import { anyJson } from '../base/arbitrary.ts';
import { withCorpus } from '../corpus.ts';
import { apiDocument, read, uiDocument } from './arbitrary.ts';

/** The value, or what the error says and where. */
function outcome<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}

/** Another version of a text: a piece of it goes, and another piece of it comes in its place. */
const textEdit = fc.record({ at: fc.nat(), length: fc.nat(30), from: fc.nat(), taken: fc.nat(30) });

function editText(
  text: string,
  { at, length, from, taken }: { at: number; length: number; from: number; taken: number },
) {
  const start = at % (text.length + 1);
  const piece = text.slice(from % (text.length + 1), (from % (text.length + 1)) + taken);
  return text.slice(0, start) + piece + text.slice(start + length);
}

/** Another version of a document: at each place, what it or another one has there. */
function mix(a: Json, b: Json, choose: () => number): Json {
  const choice = choose() % 4;
  if (choice === 0) return a;
  if (choice === 1) return b;
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = choice === 2 ? a.length : Math.max(a.length, b.length);
    return Array.from({ length }, (_, i) => (i in a && i in b ? mix(a[i]!, b[i]!, choose) : (a[i] ?? b[i] ?? null)));
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return b;
  if (Array.isArray(a) || Array.isArray(b)) return a;
  const out: JsonObject = {};
  for (const key of Object.keys(choice === 2 ? a : { ...a, ...b })) {
    const both = Object.hasOwn(a, key) && Object.hasOwn(b, key);
    out[key] = both ? mix(a[key]!, b[key]!, choose) : Object.hasOwn(a, key) ? a[key]! : b[key]!;
  }
  return out;
}

/** Reads the versions of one file as a long-lived process does; each must be what it is when it is read alone. */
function readAll(versions: readonly string[]): void {
  const catalog = defaultCatalog();
  const memo = new ReadMemo(catalog);
  let parts: readonly JsonPart[] = [];
  let last: Workflow | undefined;
  for (const text of versions) {
    const alone = outcome(() => readWorkflow(parseJson(text), { catalog, source: 'x' }));
    const next = outcome(() => {
      const version = parseVersion(text, {}, parts);
      parts = version.parts;
      return readWorkflow(version.value, { catalog, source: 'x', memo });
    });
    expect(next).toEqual(alone);
    if (typeof next === 'string' || typeof alone === 'string') continue;
    expect(formatBytes(next).toString()).toBe(formatWorkflow(alone));
    // What a commit does with two versions.
    if (last) shareEqual(last as unknown as Json, next as unknown as Json);
    expect(next).toEqual(alone);
    expect(formatBytes(next).toString()).toBe(formatWorkflow(alone));
    last = next;
  }
}

describe('versions of one text', () => {
  it('[LIM] give the same values and the same errors as each text alone', () => {
    const options = fc.record<ParseOptions>({ maxDepth: fc.constantFrom(3, 4, 64), maxKeys: fc.constantFrom(3, 100) });
    const json = fc.oneof(anyJson, uiDocument, apiDocument);
    fc.assert(
      fc.property(json, json, fc.array(textEdit, { maxLength: 6 }), options, (a, b, edits, limits) => {
        const texts = [prettyJson(a), prettyJson(b), prettyJson(a)];
        for (const edit of edits) texts.push(editText(texts.at(-1)!, edit), texts.at(-1)!);
        let parts: readonly JsonPart[] = [];
        for (const text of texts) {
          const next = outcome(() => {
            const version = parseVersion(text, limits, parts);
            parts = version.parts;
            return version.value;
          });
          expect(next).toEqual(outcome(() => parseJson(text, limits)));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[LIM] give a part that stands deeper than before the error of its depth', () => {
    const { parts } = parseVersion('{"a": {"b": {}}}', { maxDepth: 3 }, []);
    expect(() => parseVersion('{"a": [{"b": {}}]}', { maxDepth: 3 }, parts)).toThrow('3 levels');
    expect(parseVersion('{"c": {"b": {}}}', { maxDepth: 3 }, parts).value).toEqual({ c: { b: {} } });
  });
});

describe('versions of one workflow', () => {
  it('[CF-1] [CF-6] are read and written as each alone', () => {
    const document = fc.oneof(uiDocument, uiDocument, apiDocument);
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.nat(99)),
        (documents, dice) => {
          const choose = (): number => dice.next().value;
          const versions = [documents[0]!];
          for (const other of documents.slice(1)) {
            versions.push(
              mix(versions.at(-1)!, other, choose) as JsonObject,
              mix(other, versions[0]!, choose) as JsonObject,
            );
          }
          readAll(versions.map((version) => prettyJson(version)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[CF-6] that share nodes are written as each alone, whatever became of the others', () => {
    fc.assert(
      fc.property(uiDocument.map(read), fc.nat(), fc.nat(), (workflow, at, withoutIds) => {
        const ids = Object.keys(workflow.nodes);
        const nodes = { ...workflow.nodes };
        // As an agent's edit leaves it: links that have no number yet get the next free one.
        for (const [i, id] of ids.entries()) {
          const { link_attrs: _, ...ui } = nodes[id]!.ui;
          if ((withoutIds >> i) & 1) nodes[id] = { ...nodes[id]!, ui };
        }
        const { [ids[at % ids.length]!]: _gone, ...fewer } = nodes;
        const [id, subgraph] = Object.entries(workflow.subgraphs)[0] ?? [];
        const inner = subgraph && { ...workflow, nodes: subgraph.nodes, subgraphs: { [id!]: { ...subgraph, nodes } } };
        for (const version of [{ ...workflow, nodes }, { ...workflow, nodes: fewer }, inner ?? workflow, workflow])
          expect(formatBytes(version).toString()).toBe(formatWorkflow(version));
      }),
      { numRuns: 500 },
    );
  });

  it('[CF-4] a link that goes elsewhere changes nodes whose own entries stay', () => {
    const node = (id: number, link: number | null): Json => ({
      id,
      type: 'VAEDecode',
      inputs: [{ name: 'samples', type: 'LATENT', link }],
      outputs: [{ name: 'IMAGE', type: 'IMAGE', links: id === 1 ? [1] : [] }],
    });
    const file = (links: Json): string =>
      prettyJson({ nodes: [node(1, null), node(2, 1), node(3, 1)], links, last_node_id: 3, last_link_id: 1 });
    readAll([file([[1, 1, 0, 2, 0, 'X']]), file([[1, 1, 0, 3, 0, 'X']]), file([[1, 2, 0, 3, 0, 'X']]), file([])]);
  });
});

withCorpus('templates', (folder) => {
  it('[CF-1] [CF-6] versions of real files are read and written as each alone', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let count = 0;
    for (const name of files.slice(0, 60)) {
      const text = readFileSync(join(folder, name), 'utf8');
      const first = outcome(() => parseJson(text));
      if (typeof first === 'string' || detectFormat(first) !== 'ui' || text.length > 300_000) continue;
      const versions = [text];
      let json = cloneJson(first as JsonObject);
      for (let n = 0; n < 4; n++) {
        json = cloneJson(json);
        for (let m = random(3); m >= 0; m--) change(json, random);
        versions.push(prettyJson(json));
      }
      readAll(versions);
      count++;
    }
    expect(count).toBeGreaterThan(0);
  }, 60_000);
});

/** One change as of a person: a value, a node or a link that goes or is doubled, the view. */
function change(json: JsonObject, random: (below: number) => number): void {
  const nodes = json.nodes as JsonObject[];
  const links = (json.links ?? []) as Json[];
  const node = nodes[random(Math.max(1, nodes.length))];
  const kind = random(6);
  if (node === undefined) return;
  if (kind === 0) node.widgets_values = [random(100), 'a text'];
  else if (kind === 1) node.mode = random(5);
  else if (kind === 2 && nodes.length > 1) nodes.splice(random(nodes.length), 1);
  else if (kind === 3 && links.length > 0) links.splice(random(links.length), 1);
  else if (kind === 4) nodes.push({ ...node, id: 1_000_000 + random(1_000_000) });
  else json.extra = { ds: { scale: random(10) } };
}
