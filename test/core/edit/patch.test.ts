import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CwfError } from '../../../src/base/errors.ts';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { canonicalJson, cloneJson, jsonEqual } from '../../../src/base/json-text.ts';
import { applyPatch, invertPatch, type PatchOp, readPatch } from '../../../src/core/edit/patch.ts';
import { getAt, joinPointer, splitPointer } from '../../../src/core/edit/pointer.ts';

/** Reads and applies a patch as it would come from outside. */
const patch = (doc: Json, json: Json): Json => applyPatch(doc, readPatch(json));

function failure(run: () => unknown): CwfError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CwfError);
    return error as CwfError;
  }
  throw new Error('nothing was thrown');
}

const code = (run: () => unknown): string => failure(run).code;

describe('hostile patches', () => {
  it.each([
    ['[C3-1]', '/__proto__/x'],
    ['[C3-2]', '/constructor/prototype/x'],
    ['[C3-3]', '/a/__proto__/x'],
  ])('%s add %s is refused and no prototype is touched', (_row, path) => {
    expect(code(() => patch({ a: {} }, [{ op: 'add', path, value: 1 }]))).toBe('PATCH_INVALID');
    expect(code(() => applyPatch({ a: {} }, [{ op: 'add', path, value: 1 }]))).toBe('PATCH_INVALID');
    expect(({} as JsonObject)['x']).toBeUndefined();
  });

  it('[C3-6] a copy bomb of 30 ops is refused before it grows, in under 50 ms', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => ({ op: 'copy', from: '', path: `/k${i}` }));
    const doc = { text: 'x'.repeat(24) };
    const ops = readPatch(bomb);
    const start = performance.now();
    expect(failure(() => applyPatch(doc, ops))).toMatchObject({ code: 'PATCH_TOO_LARGE', kind: 'too-large' });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(doc).toEqual({ text: 'x'.repeat(24) });
  });

  it('[C3-6] copies that add no more than 3 times the document + 1 MiB are done', () => {
    const big = 'x'.repeat(1024 * 1024);
    const copies = (n: number): Json =>
      Array.from({ length: n }, (_, i) => ({ op: 'copy', from: '/a', path: `/k${i}` }));
    expect(Object.keys(patch({ a: big }, copies(3)) as JsonObject)).toHaveLength(4);
    expect(code(() => patch({ a: big }, copies(5)))).toBe('PATCH_TOO_LARGE');
  });

  it('[C3-7] moving a value into its own child is refused', () => {
    expect(code(() => readPatch([{ op: 'move', from: '/a', path: '/a/b' }]))).toBe('PATCH_INVALID');
    expect(code(() => readPatch([{ op: 'move', from: '', path: '/a' }]))).toBe('PATCH_INVALID');
    expect(patch({ a: 1 }, [{ op: 'move', from: '/a', path: '/ab' }])).toEqual({ ab: 1 });
  });

  it('[C3-8] a test that fails at op 3 of 3 leaves the document as it was and says what it found', () => {
    const doc = { steps: 20, list: [1] };
    const error = failure(() =>
      patch(doc, [
        { op: 'replace', path: '/steps', value: 30 },
        { op: 'add', path: '/list/-', value: 2 },
        { op: 'test', path: '/steps', value: 'y'.repeat(500) },
      ]),
    );
    expect(error).toMatchObject({ code: 'PATCH_TEST_FAILED', kind: 'conflict', http: 409 });
    expect(error.data).toMatchObject({ index: 2, path: '/steps', actual: '30' });
    expect(String(error.data['expected'])).toHaveLength(80);
    expect(doc).toEqual({ steps: 20, list: [1] });
  });

  it.each(['01', '-1', '1e0', '+1', '1.0', ' 1', ''])('[C3-9] array index "%s" is refused', (index) => {
    for (const op of ['add', 'replace', 'test'] as const) {
      expect(code(() => patch({ a: [1, 2] }, [{ op, path: `/a/${index}`, value: 1 }]))).toBe('PATCH_INVALID');
    }
    expect(code(() => patch({ a: [1, 2] }, [{ op: 'remove', path: `/a/${index}` }]))).toBe('PATCH_INVALID');
  });

  it('[C3-9] an index past the end is not found, and an array has no other members', () => {
    expect(code(() => patch({ a: [1] }, [{ op: 'add', path: '/a/99', value: 1 }]))).toBe('PATCH_NOT_FOUND');
    expect(code(() => patch({ a: [1] }, [{ op: 'replace', path: '/a/1', value: 1 }]))).toBe('PATCH_NOT_FOUND');
    expect(code(() => patch({ a: [1] }, [{ op: 'remove', path: '/a/-' }]))).toBe('PATCH_NOT_FOUND');
    expect(code(() => patch({ a: [1, 2] }, [{ op: 'replace', path: '/a/length', value: 0 }]))).toBe('PATCH_INVALID');
    expect(patch({ a: [1] }, [{ op: 'add', path: '/a/1', value: 2 }])).toEqual({ a: [1, 2] });
  });

  it('[C3-9] index-like keys are fine in an object', () => {
    expect(patch({ a: { '01': 1 } }, [{ op: 'remove', path: '/a/01' }])).toEqual({ a: {} });
    expect(patch({ a: {} }, [{ op: 'add', path: '/a/-', value: 1 }])).toEqual({ a: { '-': 1 } });
  });

  it('[C3-10] a pointer with ~2, a lone ~ or without its slash is refused', () => {
    for (const path of ['/a~2b', '/~', 'a', ' /a']) {
      expect(code(() => readPatch([{ op: 'remove', path }]))).toBe('PATCH_INVALID');
      expect(code(() => readPatch([{ op: 'copy', from: path, path: '/x' }]))).toBe('PATCH_INVALID');
    }
  });

  it('[C3-11] [PT-4] unknown, missing and inherited ops are refused', () => {
    for (const op of ['_get', 'spam', 'toString', 'Add', 1, null, undefined]) {
      const json: JsonObject = op === undefined ? { path: '/a' } : { op, path: '/a', value: 1 };
      expect(code(() => readPatch([json]))).toBe('PATCH_INVALID');
      expect(code(() => applyPatch({ a: 1 }, [json as unknown as PatchOp]))).toBe('PATCH_INVALID');
    }
  });

  it('[C3-11] missing members are refused by name, unknown members dropped', () => {
    expect(failure(() => readPatch([{ op: 'add', path: '/a' }])).message).toBe('patch op 0: "add" needs a "value"');
    expect(failure(() => readPatch([{ op: 'copy', path: '/a' }])).message).toContain('"from"');
    expect(failure(() => readPatch([{ op: 'remove', path: 7 }])).message).toContain('"path"');
    expect(readPatch([{ op: 'remove', path: '/a', note: 'x', value: 1 }])).toEqual([{ op: 'remove', path: '/a' }]);
    expect(readPatch([{ op: 'add', path: '/a', value: null }])).toEqual([{ op: 'add', path: '/a', value: null }]);
  });

  it('[C3-12] a patch that is not an array of objects is refused', () => {
    for (const json of [null, 'x', 1, true, {}, { op: 'add' }, [null], [[]], ['x']] as Json[]) {
      expect(code(() => readPatch(json))).toBe('PATCH_INVALID');
    }
  });

  it('[C3-13] inherited names are not found', () => {
    expect(code(() => patch({}, [{ op: 'remove', path: '/hasOwnProperty' }]))).toBe('PATCH_NOT_FOUND');
    expect(code(() => patch({}, [{ op: 'replace', path: '/toString', value: 1 }]))).toBe('PATCH_NOT_FOUND');
    expect(code(() => patch({}, [{ op: 'copy', from: '/valueOf', path: '/a' }]))).toBe('PATCH_NOT_FOUND');
    expect(code(() => patch({}, [{ op: 'add', path: '/toString/x', value: 1 }]))).toBe('PATCH_NOT_FOUND');
    expect(patch({}, [{ op: 'add', path: '/toString', value: 1 }])).toEqual({ toString: 1 });
  });

  it('[C3-14] the root cannot be replaced, added, removed or copied over', () => {
    for (const op of [
      { op: 'replace', path: '', value: {} },
      { op: 'add', path: '', value: {} },
      { op: 'remove', path: '' },
      { op: 'copy', from: '/a', path: '' },
    ] as JsonObject[]) {
      expect(code(() => patch({ a: 1 }, [op]))).toBe('PATCH_INVALID');
    }
    expect(patch({ a: 1 }, [{ op: 'test', path: '', value: { a: 1 } }])).toEqual({ a: 1 });
  });

  it('[C3-15] a patch of a million ops is refused, 10,000 are not', () => {
    const op = { op: 'test', path: '', value: {} };
    expect(failure(() => readPatch(Array(1_000_000).fill(op)))).toMatchObject({ code: 'PATCH_TOO_LARGE', http: 413 });
    expect(readPatch(Array(10_000).fill(op))).toHaveLength(10_000);
  });

  it('no op makes the document deeper than it may be read', () => {
    const nest: PatchOp[] = Array.from({ length: 80 }, (_, i) => ({ op: 'add', path: '/a'.repeat(i + 1), value: {} }));
    expect(code(() => applyPatch({}, nest.slice(0, 72)))).toBe('PATCH_TOO_LARGE');
    expect(() => parseJson(canonicalJson(applyPatch({}, nest.slice(0, 71))), { maxDepth: 72 })).not.toThrow();
    const double: PatchOp[] = Array.from({ length: 8 }, (_, i) => ({ op: 'copy', from: '', path: `/k${i}` }));
    const deep = applyPatch({ a: {} } as Json, double);
    expect(() => parseJson(canonicalJson(deep))).not.toThrow();
  });

  it('arbitrary JSON never makes the reader or the applier throw anything but CwfError', () => {
    const op = fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
        path: fc.oneof(fc.string(), fc.constantFrom('', '/a', '/a/0', '/a/-', '/b/c', '/toString', '/a/01')),
        from: fc.constantFrom('', '/a', '/a/0', '/b', '/b/c'),
        value: fc.jsonValue() as fc.Arbitrary<Json>,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(op), fc.jsonValue()), (json) => {
        const doc: Json = { a: [1, { x: 2n ** 60n }], b: { c: 'd' } };
        const before = canonicalJson(doc);
        try {
          canonicalJson(patch(doc, json as Json));
        } catch (error) {
          expect(error).toBeInstanceOf(CwfError);
          expect((error as CwfError).code).not.toBe('BUG');
        }
        expect(canonicalJson(doc)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });
});

describe('applyPatch', () => {
  it('keeps bigints through every op', () => {
    const seed = 18446744073709551615n;
    const out = patch({ a: { seed }, b: {} }, [
      { op: 'test', path: '/a/seed', value: seed },
      { op: 'copy', from: '/a', path: '/b/copy' },
      { op: 'move', from: '/a/seed', path: '/seed' },
    ]);
    expect(out).toEqual({ a: {}, b: { copy: { seed } }, seed });
    expect(code(() => patch({ seed }, [{ op: 'test', path: '/seed', value: Number(seed) }]))).toBe('PATCH_TEST_FAILED');
  });

  it('shares what it does not touch, and never changes a value of the patch', () => {
    const doc = { a: { x: 1 }, b: { y: 2 } };
    const value = { z: [1] };
    const ops: PatchOp[] = [
      { op: 'add', path: '/c', value },
      { op: 'add', path: '/c/z/-', value: 2 },
      { op: 'add', path: '/d', value },
    ];
    const out = applyPatch(doc as Json, ops) as JsonObject;
    expect(out).toEqual({ a: { x: 1 }, b: { y: 2 }, c: { z: [1, 2] }, d: { z: [1] } });
    expect(out['b']).toBe(doc.b);
    expect(value).toEqual({ z: [1] });
  });

  it('a copied value and its source change independently afterwards', () => {
    const out = patch({ a: { x: [1] } }, [
      { op: 'add', path: '/a/y', value: 1 },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'replace', path: '/a/x/0', value: 2 },
      { op: 'add', path: '/b/z', value: 3 },
      { op: 'copy', from: '', path: '/a/root' },
    ]);
    const old = { a: { x: [2], y: 1 }, b: { x: [1], y: 1, z: 3 } };
    expect(out).toEqual({ a: { x: [2], y: 1, root: old }, b: old.b });
  });

  it('a test of what is not there fails as a test', () => {
    const error = failure(() => patch({}, [{ op: 'test', path: '/nodes/3', value: 1 }]));
    expect(error).toMatchObject({ code: 'PATCH_TEST_FAILED', data: { actual: 'nothing', index: 0 } });
  });

  it('[RFC 6902 A] the examples of the RFC', () => {
    const rows: [Json, Json, Json][] = [
      [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
      [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
      [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
      [{ foo: { a: 1, w: 2 }, q: {} }, [{ op: 'move', from: '/foo/w', path: '/q/t' }], { foo: { a: 1 }, q: { t: 2 } }],
      [
        { foo: ['all', 'grass', 'cows', 'eat'] },
        [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
        { foo: ['all', 'cows', 'eat', 'grass'] },
      ],
      [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
      [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }], { foo: ['bar', ['abc', 'def']] }],
    ];
    for (const [doc, ops, after] of rows) expect(patch(doc, ops)).toEqual(after);
  });

  it('replays 1,000 small patches on a 40 KB document in well under 1 ms each', () => {
    const nodes: JsonObject = {};
    for (let i = 0; i < 40; i++) nodes[i] = { class_type: 'KSampler', widgets: { steps: 0, text: 'x'.repeat(900) } };
    let doc: Json = { nodes };
    const start = performance.now();
    for (let i = 0; i < 1000; i++) {
      const path = `/nodes/${i % 40}/widgets/steps`;
      const old = getAt(doc, splitPointer(path)) as Json;
      doc = applyPatch(doc, [
        { op: 'test', path, value: old },
        { op: 'replace', path, value: i },
      ]);
    }
    expect(performance.now() - start).toBeLessThan(1000);
    expect(getAt(doc, ['nodes', '39', 'widgets', 'steps'])).toBe(999);
  });
});

describe('invertPatch', () => {
  it('swaps every change with its test and reverses their order', () => {
    const ops: PatchOp[] = [
      { op: 'test', path: '/a', value: 1 },
      { op: 'replace', path: '/a', value: 2 },
      { op: 'test', path: '/b', value: 3 },
      { op: 'remove', path: '/b' },
      { op: 'add', path: '/c', value: 4 },
      { op: 'move', from: '/d', path: '/e' },
    ];
    expect(invertPatch(ops)).toEqual([
      { op: 'move', from: '/e', path: '/d' },
      { op: 'test', path: '/c', value: 4 },
      { op: 'remove', path: '/c' },
      { op: 'add', path: '/b', value: 3 },
      { op: 'test', path: '/a', value: 2 },
      { op: 'replace', path: '/a', value: 1 },
    ]);
    expect(invertPatch(invertPatch(ops))).toEqual(ops);
  });

  it('refuses what cannot be undone without the document', () => {
    const bad: PatchOp[][] = [
      [{ op: 'remove', path: '/a' }],
      [{ op: 'replace', path: '/a', value: 1 }],
      [
        { op: 'test', path: '/b', value: 1 },
        { op: 'replace', path: '/a', value: 1 },
      ],
      [{ op: 'copy', from: '/a', path: '/b' }],
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'add', path: '/a', value: 2 },
      ],
    ];
    for (const ops of bad) expect(code(() => invertPatch(ops))).toBe('PATCH_INVALID');
  });

  it('apply, then the inverse, is the document again; the inverse of the inverse is the patch', () => {
    const leaf = fc.oneof(fc.integer(), fc.string({ unit: 'grapheme' }), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }));
    const key = fc.constantFrom('a', 'b', 'c', '~', '/', 'a/b', '', '0', '-', 'toString');
    const object = fc.dictionary(
      key,
      fc.oneof(leaf, fc.dictionary(key, leaf), fc.array(leaf)),
    ) as fc.Arbitrary<JsonObject>;
    const change = fc.record({ key, sub: fc.option(key), value: leaf as fc.Arbitrary<Json>, remove: fc.boolean() });
    fc.assert(
      fc.property(object, fc.array(change), (start, changes) => {
        // Turns random wishes into a patch of the form that cwf itself makes, step by step.
        let doc: Json = start;
        const ops: PatchOp[] = [];
        for (const { key, sub, value, remove } of changes) {
          const parts = sub === null ? [key] : [key, sub];
          const parent = getAt(doc, parts.slice(0, -1));
          if (typeof parent !== 'object' || parent === null || Array.isArray(parent)) continue;
          const path = joinPointer(parts);
          const old = getAt(doc, parts);
          const step: PatchOp[] = old === undefined ? [{ op: 'add', path, value }] : [{ op: 'test', path, value: old }];
          if (old !== undefined) step.push(remove ? { op: 'remove', path } : { op: 'replace', path, value });
          doc = applyPatch(doc, step);
          ops.push(...step);
        }
        const copy = cloneJson(start);
        const after = applyPatch(start, ops);
        expect(jsonEqual(after, doc)).toBe(true);
        expect(jsonEqual(start, copy)).toBe(true);
        expect(jsonEqual(applyPatch(after, invertPatch(ops)), start)).toBe(true);
        expect(invertPatch(invertPatch(ops))).toEqual(ops);
        expect(
          jsonEqual(
            readPatch(parseJson(canonicalJson(ops as unknown as Json))) as unknown as Json,
            ops as unknown as Json,
          ),
        ).toBe(true);
      }),
    );
  });
});

describe('pointers', () => {
  it('split and join are inverse for any keys that are allowed', () => {
    const parts = fc.array(
      fc.string({ unit: 'grapheme' }).filter((s) => !/^(__proto__|constructor|prototype)$/.test(s)),
      { maxLength: 64 },
    );
    fc.assert(
      fc.property(parts, (p) => {
        expect(splitPointer(joinPointer(p))).toEqual(p);
      }),
    );
  });

  it('unescape ~1 before ~0, and refuse the rest with the reason', () => {
    expect(splitPointer('/a~1b/~01/')).toEqual(['a/b', '~1', '']);
    expect(code(() => splitPointer('a'))).toBe('POINTER_INVALID');
    expect(code(() => splitPointer('/a'.repeat(73)))).toBe('POINTER_INVALID');
  });

  it('getAt sees own properties and existing elements only', () => {
    const doc = { a: [10, { b: null }] };
    expect(getAt(doc, ['a', '1', 'b'])).toBeNull();
    expect(getAt(doc, [])).toBe(doc);
    for (const parts of [['toString'], ['a', 'length'], ['a', '01'], ['a', '2'], ['a', '0', 'x']]) {
      expect(getAt(doc, parts)).toBeUndefined();
    }
  });
});
