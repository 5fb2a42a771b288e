import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { applyEdits, invertEdits } from '../../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { type Edit, isPresentationEdit } from '../../../src/core/edit/edit.ts';
import { matchWorkflows } from '../../../src/core/edit/match.ts';
import { subgraphPath } from '../../../src/core/edit/subgraph-path.ts';
import { tellEdits } from '../../../src/core/edit/tell.ts';
import { graphDigest } from '../../../src/core/workflow/digest.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { withCorpus } from '../../corpus.ts';
import { mirrored, pairsIn, plainMatching } from './pairs.ts';
import { type Renumbering, random, renumbered, shuffled } from './renumbered.ts';

const read = (json: Json, source: string): Workflow => readWorkflow(json, { catalog: defaultCatalog(), source });
const graphEdits = (edits: readonly Edit[]): Edit[] => edits.filter((edit) => !isPresentationEdit(edit));

function* documents(folder: string): Generator<[string, JsonObject]> {
  for (const name of readdirSync(folder)) {
    const json = JSON.parse(readFileSync(join(folder, name), 'utf8')) as JsonObject;
    if (Array.isArray(json.nodes)) yield [name, json];
  }
}

withCorpus('templates', (folder) => {
  const next = random(7);
  const ways: Readonly<Record<string, Renumbering>> = {
    'ids exchanged': { nodes: (ids) => shuffled(ids, next), definitions: false, slots: false },
    'ids one up': { nodes: (ids) => ids.map((id) => id + 1), definitions: true, slots: false },
    'all ids new': {
      nodes: (ids) => ids.map((_, i) => 5000 + 7 * i + Math.floor(next() * 7)),
      definitions: true,
      slots: true,
    },
  };

  it.each(Object.keys(ways))(
    '[PT-6] [MA-1] a renumbered, shuffled and moved copy is no graph change: %s',
    (way) => {
      let count = 0;
      for (const [name, json] of documents(folder)) {
        const [a, b] = [read(json, name), read(renumbered(json, ways[way]!, next), name)];
        const edits = diffWorkflows(a, b);
        expect(graphEdits(edits), name).toEqual([]);
        expect(jsonEqual(applyEdits(a, edits) as never, b as never), name).toBe(true);
        expect(jsonEqual(applyEdits(b, invertEdits(edits)) as never, a as never), name).toBe(true);
        // What is left when the new ids are taken back is looks: the same graph, digest and all.
        const back = applyEdits(b, invertEdits(edits.filter(({ kind }) => kind === 'renumber')));
        expect(graphDigest(back), name).toBe(graphDigest(a));
        count++;
      }
      expect(count).toBeGreaterThan(500);
    },
    120_000,
  );

  it('[PT-1] one value changed in the deepest subgraph is exactly that change, with the way to it', () => {
    let [count, deepest] = [0, 0];
    for (const [name, json] of documents(folder)) {
      const a = read(json, name);
      const place = deepestValue(a);
      if (place === undefined) continue;
      const b = applyEdits(a, [place]);
      const edits = diffWorkflows(a, b);
      expect(edits, name).toEqual([place]);
      const [told] = tellEdits(edits, a, b);
      const way = subgraphPath(a, place.path[1]!);
      expect(told!.way, name).toEqual(way);
      const names = way.map(({ name: step, subgraph }) => step || subgraph);
      expect(told!.text.startsWith(`${names.join(' > ')} > `), name).toBe(true);
      // The same change in a copy under other ids.
      const copy = read(renumbered(json, ways['all ids new']!, next), name);
      const moved = diffWorkflows(a, copy).filter(({ kind }) => kind === 'renumber');
      const changed = graphEdits(diffWorkflows(a, applyEdits(b, moved)));
      expect(
        changed.map(({ kind, to }) => [kind, to]),
        name,
      ).toEqual([['set-input', place.to]]);
      count++;
      deepest = Math.max(deepest, way.length);
    }
    expect(count).toBeGreaterThan(100);
    expect(deepest).toBeGreaterThan(1);
  }, 120_000);
});

/** An edit of the first value in the definition that is nested deepest. */
function deepestValue(workflow: Workflow): Edit | undefined {
  const scopes = Object.keys(workflow.subgraphs).sort(
    (a, b) => subgraphPath(workflow, b).length - subgraphPath(workflow, a).length,
  );
  for (const scope of scopes) {
    for (const [id, node] of Object.entries(workflow.subgraphs[scope]!.nodes)) {
      for (const [name, from] of Object.entries(node.widgets)) {
        const to = typeof from === 'number' ? from + 1 : `${String(from)} changed`;
        return { kind: 'set-input', path: ['subgraphs', scope, 'nodes', id, 'widgets', name], from, to };
      }
    }
  }
  return undefined;
}

for (const name of ['history', 'history_git']) {
  withCorpus(name, (folder) => {
    it('[MA-1] the matching of (b, a) is the inverse of that of (a, b)', () => {
      for (const [source, a, b] of pairsIn(folder)) {
        const matching = matchWorkflows(a, b);
        expect(plainMatching(matchWorkflows(b, a)), source).toEqual(plainMatching(mirrored(matching)));
      }
    }, 120_000);

    it('[MA-1] hardly any change of people removes and adds nodes of one class in one scope', () => {
      let [count, apart] = [0, 0];
      for (const [, a, b] of pairsIn(folder)) {
        const { scopes, moved } = matchWorkflows(a, b);
        const left = new Set(moved.map(({ a: { scope, node } }) => `${scope} ${node}`));
        const came = new Set(moved.map(({ b: { scope, node } }) => `${scope} ${node}`));
        const isSplit = scopes.some((match) => {
          const [before, after] = [nodesOf(a, match.a), nodesOf(b, match.b)];
          const known = new Set(match.nodes.values());
          const gone = Object.keys(before).filter((id) => !match.nodes.has(id) && !left.has(`${match.a} ${id}`));
          const added = Object.keys(after).filter((id) => !known.has(id) && !came.has(`${match.b} ${id}`));
          return gone.some((id) => added.some((other) => after[other]!.class_type === before[id]!.class_type));
        });
        count++;
        if (isSplit) apart++;
      }
      expect(apart / count).toBeLessThan(0.03);
    }, 120_000);
  });
}

withCorpus('history', (folder) => {
  it('[MA-3] tells nodes that people wrapped into a subgraph as that, both ways alike', () => {
    let wraps = 0;
    for (const [source, a, b] of pairsIn(folder)) {
      const [there, back] = [diffWorkflows(a, b), diffWorkflows(b, a)];
      const made = tellEdits(there, a, b).flatMap(({ wrap }) => (wrap ? [wrap] : []));
      const undone = tellEdits(back, b, a).flatMap(({ wrap }) => (wrap ? [wrap] : []));
      expect(undone.map(({ subgraph, nodes }) => [subgraph, nodes.length]).sort(), source).toEqual(
        made.map(({ subgraph, nodes }) => [subgraph, nodes.length]).sort(),
      );
      const { subgraphs } = matchWorkflows(a, b);
      for (const wrap of made.filter(({ kind }) => kind === 'wrap')) {
        wraps++;
        for (const { before, after } of wrap.nodes) {
          const [x, y] = [nodesOf(a, before.scope)[before.node]!, nodesOf(b, after.scope)[after.node]!];
          expect(y.class_type, source).toBe(subgraphs.get(x.class_type) ?? x.class_type);
        }
      }
    }
    expect(wraps).toBeGreaterThan(10);
  }, 120_000);
});

function nodesOf(workflow: Workflow, scope: string | undefined): Workflow['nodes'] {
  return scope === undefined ? workflow.nodes : workflow.subgraphs[scope]!.nodes;
}
