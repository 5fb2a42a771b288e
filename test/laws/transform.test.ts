import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCwfError } from '../../src/base/errors.ts';
import type { Json } from '../../src/base/json.ts';
import { jsonEqual } from '../../src/base/json-text.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { commute } from '../../src/core/edit/commute.ts';
import { applyEdits, invertEdits } from '../../src/core/edit/compile.ts';
import { diffByIds } from '../../src/core/edit/diff.ts';
import type { Edit } from '../../src/core/edit/edit.ts';
import { runTransforms } from '../../src/core/transform/run-transform.ts';
import type { TransformCall } from '../../src/core/transform/transform.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import type { Workflow } from '../../src/core/workflow/types.ts';
import { writeWorkflow } from '../../src/core/workflow/write.ts';
import { newFaults } from '../core/transform/faults.ts';
import { textToImage } from '../core/transform/graphs.ts';
import { triple, workflow } from './arbitrary.ts';

const catalog = defaultCatalog();

function equal(a: unknown, b: unknown): boolean {
  return jsonEqual(a as Json, b as Json);
}

describe('edits that commute', () => {
  test('give the same workflow in either order', () => {
    let count = 0;
    fc.assert(
      fc.property(triple, ([base, x, y]) => {
        const [a, b] = [diffByIds(base, x), diffByIds(base, y)];
        expect(commute(a, b)).toBe(commute(b, a));
        if (!commute(a, b)) return;
        count++;
        const [ab, ba] = [applyEdits(applyEdits(base, a), b), applyEdits(applyEdits(base, b), a)];
        expect(equal(ab, ba)).toBe(true);
      }),
    );
    expect(count).toBeGreaterThan(5);
  });

  test('single edits of one diff commute wherever their places are apart', () => {
    fc.assert(
      fc.property(triple, ([base, x]) => {
        const edits = diffByIds(base, x);
        for (const one of edits) {
          for (const other of edits) if (one !== other && commute([one], [other])) bothWays(base, one, other);
        }
      }),
    );
  });

  test('not: one place, new ids, a link to a node that goes', () => {
    const set = (path: string[], from: Json | undefined, to: Json | undefined, kind = 'set-input'): Edit =>
      ({ kind, path, from, to }) as Edit;
    const steps = set(['nodes', '3', 'widgets', 'steps'], 20, 30);
    const link = set(['nodes', '3', 'links', 'model'], undefined, { from: '4', slot: 0 }, 'connect');
    const gone = set(['nodes', '4'], {}, undefined, 'remove-node');
    expect(commute([steps], [set(['nodes', '3', 'widgets', 'cfg'], 8, 7)])).toBe(true);
    expect(commute([steps], [steps])).toBe(false);
    expect(commute([steps], [set(['nodes', '3'], {}, undefined, 'remove-node')])).toBe(false);
    expect(commute([link], [gone])).toBe(false);
    expect(commute([gone], [link])).toBe(false);
    expect(commute([], [gone])).toBe(true);
    expect(commute([steps], [set(['nodes'], { '4': '5' }, undefined, 'renumber')])).toBe(false);
  });
});

function bothWays(base: Workflow, one: Edit, other: Edit): void {
  expect(equal(applyEdits(applyEdits(base, [one]), [other]), applyEdits(applyEdits(base, [other]), [one]))).toBe(true);
}

const node = fc.constantFrom('3', '4', '5', '6', '7', '8', '9', '10', 'KSampler', '99');
const input = fc.constantFrom(
  'steps',
  'cfg',
  'model',
  'positive',
  'latent_image',
  'text',
  'clip',
  'samples',
  'sampler_name',
);
const value = fc.constantFrom<Json>(0, 1, 30, 2.5, '30', 'euler', true, null, 'a cat', [1, 2]);
const transform: fc.Arbitrary<TransformCall> = fc.oneof(
  fc.record({
    op: fc.constant('set'),
    args: fc.record({ input: fc.tuple(node, input).map((p) => p.join('.')), value }),
  }),
  fc.record({
    op: fc.constant('connect'),
    args: fc.record({
      from: fc.tuple(node, fc.nat(2)).map((p) => p.join('.')),
      to: fc.tuple(node, input).map((p) => p.join('.')),
    }),
  }),
  fc.record({
    op: fc.constant('disconnect'),
    args: fc.record({ input: fc.tuple(node, input).map((p) => p.join('.')) }),
  }),
  fc.record({ op: fc.constant('remove'), args: fc.record({ node, rewire: fc.boolean() }) }),
  fc.record({
    op: fc.constant('add-node'),
    args: fc.record({
      class: fc.constantFrom('KSampler', 'VAEDecode', 'LoraLoader', 'CLIPTextEncode', 'BatchImagesNode', 'Nope'),
    }),
  }),
  fc.record({
    op: fc.constant('replace'),
    args: fc.record({
      node,
      class: fc.constantFrom('KSamplerAdvanced', 'EmptySD3LatentImage', 'VAEDecodeTiled', 'UNETLoader'),
    }),
  }),
  fc.record({ op: fc.constant('rename-node'), args: fc.record({ node, title: fc.string() }) }),
  fc.constantFrom<TransformCall>(
    { op: 'insert-lora', args: { file: 'x' } },
    { op: 'insert-upscale', args: { kind: 'hires' } },
    { op: 'insert-controlnet', args: { file: 'x', image: 'a.png' } },
    { op: 'change-scheduler', args: { scheduler: 'karras' } },
  ),
) as fc.Arbitrary<TransformCall>;

/** Transforms one by one, those that are refused left out. */
function runAll(start: Workflow, transforms: readonly TransformCall[]): Workflow {
  return transforms.reduce((current, one) => {
    try {
      return runTransforms(current, [one], { catalog, source: 'x.json' }).after;
    } catch (error) {
      if (isCwfError(error) && error.code !== 'BUG') return current;
      throw error;
    }
  }, start);
}

describe('transforms', () => {
  const starts = textToImage();
  test.each(['api', 'ui'] as const)(
    'any sequence on an %s file: stable when read again, undone by its edits [TE-31]',
    (form) => {
      fc.assert(
        fc.property(fc.array(transform, { maxLength: 6 }), (transforms) => {
          const start = starts[form];
          const after = runAll(start, transforms);
          expect(equal(readWorkflow(writeWorkflow(after), { catalog, source: 'x.json' }), after)).toBe(true);
          const edits = diffByIds(start, after);
          expect(equal(applyEdits(after, invertEdits(edits)), start)).toBe(true);
          // Taking things away leaves inputs open; nothing else is ever wrong.
          expect(newFaults(start, after).filter((fault) => !fault.endsWith(': open'))).toEqual([]);
        }),
      );
    },
  );

  test('the argument stays what it was, and files of people end in an error or a workflow', () => {
    fc.assert(
      fc.property(workflow, fc.array(transform, { minLength: 1, maxLength: 4 }), (start, transforms) => {
        const before = structuredClone(writeWorkflow(start));
        const after = runAll(start, transforms);
        expect(equal(writeWorkflow(start), before)).toBe(true);
        expect(equal(applyEdits(start, diffByIds(start, after)), after)).toBe(true);
      }),
    );
  });
});
