import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import { canonicalJson } from '../../src/base/json-text.ts';
import { applyEdits, editsToPatch, invertEdits, patchToEdits } from '../../src/core/edit/compile.ts';
import { diffMatched, diffWorkflows } from '../../src/core/edit/diff.ts';
import { matchWorkflows } from '../../src/core/edit/match.ts';
import { applyPatch, invertPatch, readPatch } from '../../src/core/edit/patch.ts';
import { graphDigest } from '../../src/core/workflow/digest.ts';
import type { Workflow, WorkflowNode } from '../../src/core/workflow/types.ts';
import { formatWorkflow, writeWorkflow } from '../../src/core/workflow/write.ts';
import { anyJson } from '../base/arbitrary.ts';
import { apiDocument, read, uiDocument, workflow } from './arbitrary.ts';

const document = fc.oneof(apiDocument, uiDocument);

describe('laws of the document', () => {
  it('[CF-1] read and write are inverse, and canonical text is its own canonical text', () => {
    fc.assert(
      fc.property(workflow, (w) => {
        const text = formatWorkflow(w);
        expect(read(parseJson(text))).toEqual(w);
        expect(formatWorkflow(read(parseJson(text)))).toBe(text);
      }),
    );
  });

  it('[CF-5] the order of keys never matters', () => {
    fc.assert(
      fc.property(document, (json) => {
        expect(formatWorkflow(read(reversed(json)))).toBe(formatWorkflow(read(json)));
        expect(graphDigest(read(reversed(json)))).toBe(graphDigest(read(json)));
      }),
    );
  });
});

describe('laws of edits', () => {
  it('[PT-1] applying the difference of two workflows to one gives the other', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        const edits = diffWorkflows(a, b);
        expect(applyEdits(a, edits)).toEqual(b);
        expect(formatWorkflow(applyEdits(a, edits))).toBe(formatWorkflow(b));
        expect(diffWorkflows(a, a)).toEqual([]);
      }),
    );
  });

  it('[MA-1] one changed value is told without matching as it is with it', () => {
    fc.assert(
      fc.property(workflow, fc.nat(), anyJson, fc.boolean(), (a, at, value, isMuted) => {
        const places = placesIn(a);
        fc.pre(places.length > 0);
        const { path, node } = places[at % places.length]!;
        const b = structuredClone(a);
        const there = nodeAt(b, path);
        const name = Object.keys(node.widgets)[at % Math.max(1, Object.keys(node.widgets).length)];
        if (isMuted || name === undefined) there.mode = node.mode === 2 ? 4 : 2;
        else there.widgets[name] = value;
        there.ui.color = '#223';
        expect(diffWorkflows(a, b)).toEqual(diffMatched(a, b, matchWorkflows(a, b)));
      }),
      { numRuns: 300 },
    );
  });

  it('[PT-3] a patch survives its text, can be inverted, and refuses another document', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        const patch = readPatch(parseJson(canonicalJson(editsToPatch(diffWorkflows(a, b), a) as unknown as Json)));
        expect(applyPatch(a, patch)).toEqual(b);
        expect(applyPatch(b, invertPatch(patch))).toEqual(a);
        const edits = patchToEdits(patch);
        expect(applyEdits(b, invertEdits(edits))).toEqual(a);
        if (patch.some(({ op }) => op === 'test')) expect(() => applyPatch(b, patch)).toThrow();
      }),
    );
  });

  it('[PT-2] no edit reaches into a widget value or a link', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        for (const { path } of diffWorkflows(a, b)) {
          const place = path[0] === 'subgraphs' ? path.slice(2) : path;
          if (place[2] === 'widgets' || place[2] === 'links') expect(place.length).toBe(4);
        }
      }),
    );
  });

  it('[PT-1] [PT-6] edits of different places commute; new ids come after them', () => {
    fc.assert(
      fc.property(workflow, workflow, (a, b) => {
        const edits = diffWorkflows(a, b);
        const first = edits.findIndex(({ kind }) => kind === 'renumber');
        const [changes, ids] = first < 0 ? [edits, []] : [edits.slice(0, first), edits.slice(first)];
        expect(ids.every(({ kind }) => kind === 'renumber')).toBe(true);
        expect(applyEdits(a, [...changes.reverse(), ...ids])).toEqual(applyEdits(a, edits));
      }),
    );
  });

  it('a workflow in memory is what its file says, whoever wrote it', () => {
    fc.assert(
      fc.property(workflow, (w) => {
        expect(read(writeWorkflow(w))).toEqual(w);
      }),
    );
  });
});

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

interface DraftNode {
  mode?: number;
  readonly widgets: Record<string, Json>;
  readonly ui: Record<string, Json>;
}

function placesIn(w: Workflow): { path: string[]; node: WorkflowNode }[] {
  const scopes = [
    [[], w] as const,
    ...Object.entries(w.subgraphs).map(([id, one]) => [['subgraphs', id], one] as const),
  ];
  return scopes.flatMap(([prefix, { nodes }]) =>
    Object.entries(nodes).map(([id, node]) => ({ path: [...prefix, 'nodes', id], node })),
  );
}

function nodeAt(w: Workflow, path: readonly string[]): DraftNode {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], w) as DraftNode;
}
