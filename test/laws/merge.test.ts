import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/base/json-parse.ts';
import { applyEdits } from '../../src/core/edit/compile.ts';
import { diffWorkflows } from '../../src/core/edit/diff.ts';
import { PRESENTATION_KINDS } from '../../src/core/edit/kinds.ts';
import { type Decision, isClean, type MergeResult, merge3, type Resolution } from '../../src/core/edit/merge.ts';
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
          !isRenumbered(b, x) &&
            !isRenumbered(b, y) &&
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
        // Two cycles through one node have one name, and another one under another id.
        fc.pre(isClean(result) && result.reminted.length === 0 && !isRenumbered(b, x) && !isRenumbered(b, y));
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
          // Where the sides renumbered in different ways the base's ids stand, and this one may be another node's.
          if (isRenumbered(b, x) || isRenumbered(b, y)) continue;
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
        expect(merge3(b, x, y, { favor }).decisions.every(({ conflict }) => !conflict)).toBe(true);
      }),
    );
  });

  it('[MG-11] whoever takes one side of every conflict ends with a clean merge, the same with the sides swapped', () => {
    const take = fc.constantFrom('ours' as const, 'theirs' as const, 'base' as const);
    const swapped = { ours: 'theirs', theirs: 'ours', base: 'base' } as const;
    fc.assert(
      fc.property(triple, take, fc.boolean(), ([b, x, y], side, isStrict) => {
        const one = settled(b, x, y, side, isStrict);
        const two = settled(b, y, x, swapped[side], isStrict);
        expect(two.workflow).toEqual(one.workflow);
        const left = one.violations.map(({ code }) => code);
        // What both began with may itself be what no rule allows in what is left, and so may a file without a node.
        if (side !== 'base' && left.length > 0) expect(left).toEqual(left.filter((code) => code === 'NO_NODES'));
      }),
    );
  });

  it('[MG-10] strict: no node has changes of both sides in what it does', () => {
    fc.assert(
      fc.property(triple, ([b, x, y]) => {
        const { decisions } = merge3(b, x, y, { isStrict: true });
        const seen = new Map<string, Set<string>>();
        for (const { path, action, kind } of decisions) {
          const isOfNode = path[0] === 'nodes' && path.length > 2 && Object.hasOwn(b.nodes, path[1]!);
          if (!isOfNode || PRESENTATION_KINDS.has(kind) || (action !== 'ours' && action !== 'theirs')) continue;
          seen.set(path[1]!, (seen.get(path[1]!) ?? new Set()).add(action));
        }
        for (const actions of seen.values()) expect(actions.size).toBe(1);
      }),
    );
  });
});

function isRenumbered(a: Workflow, b: Workflow): boolean {
  return diffWorkflows(a, b).some(({ kind }) => kind === 'renumber');
}

/** A merge in which somebody answers every question with the same side, until nobody asks any more. */
function settled(
  b: Workflow,
  x: Workflow,
  y: Workflow,
  take: 'ours' | 'theirs' | 'base',
  isStrict: boolean,
): MergeResult {
  const resolutions = new Map<string, Resolution>();
  for (;;) {
    const result = merge3(b, x, y, { resolutions, isStrict });
    const asked = [...result.decisions.filter(({ conflict }) => conflict), ...result.violations]
      .map(({ id }) => id)
      .filter((id) => !resolutions.has(id));
    if (asked.length === 0) return result;
    for (const id of asked) resolutions.set(id, { take });
  }
}

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
