import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { applyEdits } from '../../../src/core/edit/compile.ts';
import { makeEdit } from '../../../src/core/edit/edit.ts';
import { type MergeResult, merge3 } from '../../../src/core/edit/merge.ts';
import { getAt, splitPointer } from '../../../src/core/edit/pointer.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { input, output, read, SUBGRAPH, uiDocument, uiNode, withSubgraph } from '../workflow/graphs.ts';

/** Every kind of edit against every other on one workflow. Written anew when CWF_UPDATE_GOLDEN is set: read it then. */
const GOLDEN = fileURLToPath(new URL('../../golden/merge-table.json', import.meta.url));
const S = `/subgraphs/${SUBGRAPH}`;

/** A loader 1 feeds a sampler 2 and an instance 3 of a subgraph; the sampler feeds 4. */
function base(): Workflow {
  const nodes = [
    uiNode(1, 'Loader', { outputs: [output('MODEL', [1, 3]), output('CLIP')] }),
    uiNode(2, 'Sampler', { inputs: [input('model', 1)], outputs: [output('LATENT', [2])], widgets_values: [42, 20] }),
    uiNode(3, SUBGRAPH, { inputs: [input('model', 3)], properties: { proxyWidgets: [] } }),
    uiNode(4, 'Decoder', { inputs: [input('latent', 2), input('extra')], outputs: [output('IMAGE')] }),
  ];
  const links: Json[] = [
    [1, 1, 0, 2, 0, 'MODEL'],
    [2, 2, 0, 4, 0, 'MODEL'],
    [3, 1, 0, 3, 0, 'MODEL'],
  ];
  return read(uiDocument(nodes, links, { definitions: withSubgraph().definitions! }));
}

/** What one side does, by name: places and what stands there afterwards (undefined: nothing). `n` is the side. */
const CHANGES: Record<string, (n: number) => [string, Json | undefined][]> = {
  'set-input': (n) => [['/nodes/2/widgets/#0', n]],
  'set-input of another': (n) => [['/nodes/2/widgets/#1', n]],
  'set-input inside': (n) => [[`${S}/nodes/5/widgets/#0`, n]],
  connect: (n) => [['/nodes/4/links/extra', { from: '1', slot: n - 1 }]],
  'connect from 2': () => [['/nodes/3/links/more', { from: '2', slot: 0 }]],
  'connect 4 to 2': () => [['/nodes/2/links/more', { from: '4', slot: 0 }]],
  disconnect: () => [['/nodes/4/links/latent', undefined]],
  'add-node': (n) => [['/nodes/9', newNode(`New${n}`)]],
  'add an instance': () => [['/nodes/8', newNode(SUBGRAPH)]],
  'remove-node 2': () => [
    ['/nodes/2', undefined],
    ['/nodes/4/links/latent', undefined],
  ],
  'replace-node 2': (n) => [['/nodes/2', newNode(`Other${n}`)]],
  'set-mode': (n) => [['/nodes/2/mode', n * 2]],
  'set-positional': (n) => [['/nodes/2/positional', { '#0': n }]],
  'set-proxies': (n) => [['/nodes/3/ui/properties/proxyWidgets', [['5', `#${n}`]]]],
  'set-interface name': (n) => [[`${S}/inputs/in-model/name`, `name${n}`]],
  'set-interface add': (n) => [
    [`${S}/inputs/in-${n}`, { name: 'a', type: 'INT', ui: {} }],
    [`${S}/input_order`, ['in-model', `in-${n}`]],
  ],
  'set-interface remove': () => [
    [`${S}/inputs/in-model`, undefined],
    [`${S}/input_order`, []],
    [`${S}/nodes/5/links/model`, undefined],
  ],
  'add-subgraph': (n) => [
    ['/subgraphs/other', { ...(base().subgraphs[SUBGRAPH] as unknown as JsonObject), name: `${n}` }],
  ],
  'remove-subgraph': () => [
    [S, undefined],
    ['/nodes/3', undefined],
  ],
  'rename-node': (n) => [['/nodes/2/ui/title', `title ${n}`]],
  'rename-subgraph': (n) => [[`${S}/name`, `name ${n}`]],
  'set-presentation': (n) => [['/nodes/2/ui/pos', [n, n]]],
  'set-format': () => [['/format', 'api']],
};

function newNode(class_type: string): JsonObject {
  return { class_type, widgets: {}, links: {}, ui: {} };
}

function side(name: string, n: number): Workflow {
  const start = base();
  const edits = CHANGES[name]!(n).map(([pointer, to]) => {
    const path = splitPointer(pointer);
    return makeEdit(path, getAt(start as unknown as Json, path), to);
  });
  return applyEdits(start, edits);
}

/** `clean`, or where the merge is open, or which rules the merged graph breaks; and what got another id. */
function verdict({ decisions, violations, reminted }: MergeResult): string {
  const places = decisions.filter(({ conflict }) => conflict).map(({ id }) => id.replace(SUBGRAPH, 'S'));
  const broken = violations.map(({ code, node, input: name }) => `${code} ${[node, name].filter(Boolean).join('.')}`);
  const outcome =
    places.length > 0 ? `conflict ${places.join(' ')}` : broken.length > 0 ? `violation ${broken.join(', ')}` : 'clean';
  return [outcome, ...reminted.map(({ from, to }) => `${from} is also ${to}`)].join('; ');
}

it('[MG-1] [MG-2] [MG-4] [MG-7] what every kind of edit does beside every other', () => {
  const table: Record<string, Record<string, string>> = {};
  const names = Object.keys(CHANGES);
  for (const [i, one] of names.entries()) {
    const row: Record<string, string> = {};
    for (const two of names.slice(i)) {
      row[two] = verdict(merge3(base(), side(one, 1), side(two, 2)));
      expect(verdict(merge3(base(), side(two, 2), side(one, 1))), `${one} / ${two}`).toBe(row[two]);
    }
    table[one] = row;
  }
  const text = `${JSON.stringify(table, null, 2)}\n`;
  if (process.env['CWF_UPDATE_GOLDEN'] !== undefined) writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
});
