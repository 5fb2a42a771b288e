import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeOutput, pinOutput } from '../../../src/io/outputs/describe.ts';
import { collectOutputs, type GcPolicy } from '../../../src/io/outputs/gc.ts';
import { type OutputPlace, outputPath } from '../../../src/io/outputs/place.ts';
import { hasOutput, listOutputs, putOutput } from '../../../src/io/outputs/store.ts';
import { picture, tempStore } from './samples.ts';

const NOW = 2_000_000_000_000;

/** Puts an output of this many bytes, `hours` old. */
async function put(place: OutputPlace, name: string, size: number, hours: number): Promise<string> {
  const { id } = await putOutput(place, [Buffer.alloc(size, name)]);
  utimesSync(outputPath(place, id), NOW / 1000, NOW / 1000 - hours * 3600);
  return id;
}

const policy = (more: Partial<GcPolicy> = {}): GcPolicy => ({ keep: 'all', named: new Set(), now: NOW, ...more });

describe('garbage collection', () => {
  it('[OU-8] keeps all by default while there is room, then drops the oldest that nothing names', async () => {
    const { place } = tempStore();
    const [a, b, c, d] = [
      await put(place, 'a', 100, 9),
      await put(place, 'b', 100, 8),
      await put(place, 'c', 100, 7),
      await put(place, 'd', 100, 0.5),
    ];
    expect(collectOutputs(place, policy())).toMatchObject({ dropped: [], kept: { count: 4, size: 400 }, over: 0 });
    const dry = collectOutputs(place, policy({ maxBytes: 250, named: new Set([a]), dryRun: true }));
    expect(dry.dropped.map(({ id }) => id)).toEqual([b, c]);
    expect([...listOutputs(place)]).toHaveLength(4);
    const done = collectOutputs(place, policy({ maxBytes: 250, named: new Set([a]) }));
    expect(done).toEqual(dry);
    expect([a, b, c, d].map((id) => hasOutput(place, id))).toEqual([true, false, false, true]);
  });

  it('[OU-8] never drops what a note or a pointer names, unless told to', async () => {
    const { place } = tempStore();
    const [noted, pinned, free] = [
      await put(place, 'n', 10, 50),
      await put(place, 'p', 20, 60),
      await put(place, 'f', 40, 2),
    ];
    await pinOutput(place, pinned);
    const named = new Set([noted]);
    const first = collectOutputs(place, policy({ keep: 'noted', maxBytes: 5, named }));
    expect(first.dropped.map(({ id }) => id)).toEqual([free]);
    expect(first.over).toBe(25);
    const second = collectOutputs(place, policy({ keep: 'noted', maxBytes: 15, named, evenNamed: true }));
    expect(second.dropped.map(({ id }) => id)).toEqual([pinned]);
    expect(second).toMatchObject({ kept: { count: 1, size: 10 }, over: 0 });
  });

  it('[OU-8] for any store and policy: what is named stays, and no more goes than must', async () => {
    const output = fc.record({
      size: fc.integer({ min: 1, max: 60 }),
      hours: fc.integer({ min: 0, max: 30 }),
      named: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(output, { maxLength: 8 }),
        fc.constantFrom('all' as const, 'noted' as const),
        fc.option(fc.nat(300), { nil: undefined }),
        async (outputs, keep, maxBytes) => {
          const { place } = tempStore();
          const ids = new Map<string, (typeof outputs)[number]>();
          for (const [i, each] of outputs.entries())
            ids.set(await put(place, String.fromCharCode(65 + i), each.size, each.hours), each);
          const named = new Set([...ids].filter(([, each]) => each.named).map(([id]) => id));
          const limit = maxBytes === undefined ? {} : { maxBytes };
          const { dropped, kept } = collectOutputs(place, policy({ keep, named, ...limit }));
          for (const { id } of dropped) expect(ids.get(id)!.named || ids.get(id)!.hours < 1).toBe(false);
          const left = [...listOutputs(place)];
          expect(left.reduce((sum, { size }) => sum + size, 0)).toBe(kept.size);
          const free = left.filter(({ id }) => !ids.get(id)!.named && ids.get(id)!.hours >= 1);
          if (keep === 'noted' || kept.size > (maxBytes ?? Infinity)) expect(free).toEqual([]);
          // The last one that went was still one too many.
          if (keep === 'all' && dropped.length > 0) expect(kept.size + dropped.at(-1)!.size).toBeGreaterThan(maxBytes!);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('[OU-8] one that was put again while it runs stays', async () => {
    const { place, dir } = tempStore();
    const id = await put(place, 'a', 10, 9);
    // Between listing and removing: the list is taken from a folder that shows the old time.
    const named = {
      has: () => {
        utimesSync(outputPath(place, id), NOW / 1000, NOW / 1000);
        return false;
      },
    } as unknown as ReadonlySet<string>;
    expect(collectOutputs(place, policy({ keep: 'noted', named })).dropped).toEqual([]);
    expect(hasOutput(place, id)).toBe(true);
    expect(readdirSync(join(dir, 'cwf/tmp'))).toEqual([]);
  });

  it('takes along what stands beside an output', async () => {
    const { place } = tempStore();
    const { id } = await putOutput(place, [await picture(4, 4)]);
    await describeOutput(place, id);
    utimesSync(outputPath(place, id), 1, 1);
    expect(existsSync(outputPath(place, id, '.json'))).toBe(true);
    collectOutputs(place, policy({ keep: 'noted' }));
    expect(readdirSync(join(place.folder, id.slice(0, 2)))).toEqual([]);
  });
});
