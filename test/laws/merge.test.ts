import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/base/json-parse.ts';
import { applyEdits } from '../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../src/core/edit/diff.ts';
import { type Decision, isClean, merge3 } from '../../src/core/edit/merge.ts';
import { violationsOf } from '../../src/core/edit/violations.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';
import { formatWorkflow } from '../../src/core/workflow/write.ts';
import { read, triple, workflow } from './arbitrary.ts';

describe('laws of the three-way merge', () => {
  it('[MG-1] a side that changed nothing gives way, and equal sides agree', () => {
    fc.assert(
      fc.property(workflow, workflow, (b, x) => {
        for (const result of [merge3(b, x, b), merge3(b, b, x), merge3(b, x, x)]) {
          expect(result.workflow).toEqual(x);
          expect(result.decisions.every(({ conflict }) => !conflict)).toBe(true);
          expect(result.violations).toEqual([]);
        }
      }),
    );
  });

  it('[MG-2] swapping the sides swaps the labels and nothing else', () => {
    fc.assert(
      fc.property(triple, ([b, x, y]) => {
        const [one, two] = [merge3(b, x, y), merge3(b, y, x)];
        expect(two.workflow).toEqual(one.workflow);
        expect(two.decisions.map(mirrored)).toEqual(one.decisions);
        expect(two.violations).toEqual(one.violations);
      }),
    );
  });

  it('[MG-1] edits of different nodes merge to all of them', () => {
    fc.assert(
      fc.property(triple, ([b, x, y]) => {
        const [left, right] = [diffWorkflows(b, x), diffWorkflows(b, y)];
        const nodesOf = (edits: typeof left): string[] => edits.map(({ path }) => path.slice(0, 2).join('/'));
        fc.pre(
          !nodesOf(left).some((node) => nodesOf(right).includes(node)) &&
            b.format === x.format &&
            b.format === y.format,
        );
        const { workflow: merged, decisions } = merge3(b, x, y);
        expect(decisions.every(({ conflict }) => !conflict)).toBe(true);
        expect(merged).toEqual(applyEdits(applyEdits(b, left), right));
        expect(merged).toEqual(applyEdits(applyEdits(b, right), left));
      }),
    );
  });

  it('[MG-7] a clean merge breaks no rule that neither side broke', () => {
    fc.assert(
      fc.property(triple, ([b, x, y]) => {
        const result = merge3(b, x, y);
        fc.pre(isClean(result) && result.reminted.length === 0);
        const key = ({ code, scope, node, input }: ReturnType<typeof violationsOf>[number]) =>
          `${code} ${scope} ${node} ${input}`;
        const known = new Set([x, y].flatMap((side) => violationsOf(side)).map(key));
        expect(
          violationsOf(result.workflow)
            .map(key)
            .filter((one) => !known.has(one)),
        ).toEqual([]);
      }),
    );
  });

  it('[MG-3] two additions under one id are both kept', () => {
    fc.assert(
      fc.property(triple, ([b, x, y]) => {
        const result = merge3(b, x, y);
        fc.pre(result.decisions.every(({ conflict }) => !conflict));
        for (const { side, what, scope, from, to } of result.reminted) {
          if (what !== 'node') continue;
          const inScope = (w: Workflow) => (scope === undefined ? w : w.subgraphs[scope]!).nodes;
          const [moved, stayed] = side === 'ours' ? [x, y] : [y, x];
          expect(inScope(result.workflow)[to]!.class_type).toBe(inScope(moved)[from]!.class_type);
          expect(inScope(result.workflow)[from]!.class_type).toBe(inScope(stayed)[from]!.class_type);
        }
      }),
    );
  });

  it('[MG-1] a merged workflow is what its text says', () => {
    fc.assert(
      fc.property(triple, ([b, x, y]) => {
        const { workflow: merged, violations } = merge3(b, x, y);
        // Two sides may remove everything between them, and that is said.
        fc.pre(!violations.some(({ code }) => code === 'NO_NODES') && Object.keys(merged.nodes).length > 0);
        const text = formatWorkflow(merged);
        expect(formatWorkflow(read(parseJson(text)))).toBe(text);
      }),
    );
  });

  it('[MG-6] a favored side leaves no decision open', () => {
    fc.assert(
      fc.property(triple, fc.constantFrom('ours' as const, 'theirs' as const), ([b, x, y], favor) => {
        expect(merge3(b, x, y, favor).decisions.every(({ conflict }) => !conflict)).toBe(true);
      }),
    );
  });
});

function mirrored(decision: Decision): Decision {
  const { ours, theirs, action, ...rest } = decision;
  const swapped = action === 'ours' ? 'theirs' : action === 'theirs' ? 'ours' : action;
  return {
    ...rest,
    ...(theirs === undefined ? {} : { ours: theirs }),
    ...(ours === undefined ? {} : { theirs: ours }),
    action: swapped,
  };
}
