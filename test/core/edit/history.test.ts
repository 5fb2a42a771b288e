import { expect, it } from 'vitest';
import { parseJson } from '../../../src/base/json-parse.ts';
import { canonicalJson, jsonEqual } from '../../../src/base/json-text.ts';
import { applyEdits, editsToPatch, invertEdits, patchToEdits } from '../../../src/core/edit/compile.ts';
import { describeEdit } from '../../../src/core/edit/describe.ts';
import { diffWorkflows } from '../../../src/core/edit/diff.ts';
import { isPresentationEdit } from '../../../src/core/edit/edit.ts';
import { isClean, merge3 } from '../../../src/core/edit/merge.ts';
import { applyPatch, invertPatch, readPatch } from '../../../src/core/edit/patch.ts';
import { summarizeEdits } from '../../../src/core/edit/tell.ts';
import { graphDigest } from '../../../src/core/workflow/digest.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { formatWorkflow } from '../../../src/core/workflow/write.ts';
import { withCorpus } from '../../corpus.ts';
import { pairsIn } from './pairs.ts';

function expectSame(actual: Workflow, expected: Workflow, what: string): void {
  expect(jsonEqual(asJson(actual), asJson(expected)), what).toBe(true);
  expect(formatWorkflow(actual), what).toBe(formatWorkflow(expected));
}

function asJson(workflow: Workflow): never {
  return workflow as never;
}

for (const name of ['history', 'history_git']) {
  withCorpus(name, (folder) => {
    it('[PT-1] [PT-3] edits, their patch and its inverse lead between every two successive versions', () => {
      let count = 0;
      for (const [source, a, b] of pairsIn(folder)) {
        const edits = diffWorkflows(a, b);
        expectSame(applyEdits(a, edits), b, source);
        expectSame(applyEdits(b, invertEdits(edits)), a, source);
        const patch = readPatch(parseJson(canonicalJson(editsToPatch(edits, a) as never)));
        expectSame(applyPatch(a, patch), b, source);
        expectSame(applyPatch(b, invertPatch(patch)), a, source);
        expect(patchToEdits(patch), source).toEqual(edits);
        expect(applyEdits(a, []), source).toBe(a);
        count++;
      }
      expect(count).toBeGreaterThan(50);
    }, 60_000);

    it('[CF-11] [PT-6] the graph digest, ids apart, changes where an edit changes what runs, and nowhere else', () => {
      for (const [source, a, b] of pairsIn(folder)) {
        const edits = diffWorkflows(a, b);
        const isLooks = edits.every((edit) => isPresentationEdit(edit));
        const back = applyEdits(b, invertEdits(edits.filter(({ kind }) => kind === 'renumber')));
        expect(graphDigest(a) === graphDigest(back), source).toBe(isLooks);
      }
    }, 60_000);

    it('describes every edit of people in one line', () => {
      for (const [source, a, b] of pairsIn(folder)) {
        const edits = diffWorkflows(a, b);
        for (const edit of edits) {
          const line = describeEdit(edit, a, b);
          expect(line, source).not.toMatch(/\n|undefined|\[object|NaN/);
          expect(line.length, source).toBeGreaterThan(3);
        }
        expect(summarizeEdits(edits, a, b), source).not.toBe('');
      }
    }, 60_000);

    it('[MG-1] [MG-2] merges a change with no change, with itself, and from either side alike', () => {
      let before: Workflow | undefined;
      for (const [source, a, b] of pairsIn(folder)) {
        for (const merged of [merge3(a, b, a), merge3(a, a, b), merge3(a, b, b)]) {
          expect(isClean(merged), source).toBe(true);
          expectSame(merged.workflow, b, source);
        }
        if (before) {
          const [left, right] = [merge3(before, a, b), merge3(before, b, a)];
          expectSame(left.workflow, right.workflow, source);
          expect(left.violations, source).toEqual(right.violations);
          expect(left.decisions.map(({ id, conflict }) => [id, conflict])).toEqual(
            right.decisions.map(({ id, conflict }) => [id, conflict]),
          );
        }
        before = a;
      }
    }, 60_000);
  });
}
