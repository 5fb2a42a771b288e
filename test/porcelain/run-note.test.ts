import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import { canonicalJson } from '../../src/base/json-text.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { noteShow } from '../../src/porcelain/note.ts';
import { RUN_SCHEMA, type RunNote, readRuns, runFact, runOf } from '../../src/porcelain/run-note.ts';
import { apiGraph } from './samples.ts';
import { tempRepo } from './temp.ts';

const note: RunNote = {
  schema: RUN_SCHEMA,
  run: 'r',
  time: 1_700_000_000.123,
  actor: 'person',
  runner: 'desk',
  kind: 'finished',
  file: 'wf.json',
  document: 'd',
  graph: 'g',
  prompt: 'p',
  catalog: 'c',
  seeds: [{ node: '3', input: 'seed', value: 2n ** 63n }],
  outputs: [
    { id: 'a'.repeat(64), node: '9', media: 'images', filename: 'x.png', folder: 'output', size: 1, type: 'image/png' },
  ],
  took: 12.5,
};
const texts = fc.string({ maxLength: 20 });
const anything = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;

describe('the note of a run', () => {
  test('[RU-9] says after a line of canonical JSON what it said before', () => {
    fc.assert(
      fc.property(
        fc.record({
          set: fc.dictionary(
            texts.map((key) => `3.${key}`),
            fc.oneof(texts, fc.integer(), fc.boolean()),
          ),
          file: texts,
          took: fc.nat(),
        }),
        (more) => {
          const whole = { ...note, ...more } as RunNote;
          const line = canonicalJson(runFact(whole));
          expect(canonicalJson(runFact(runOf(parseJson(line, { source: 'note' }))!))).toBe(line);
        },
      ),
    );
  });

  test('[RU-9] with members of other kinds is no run, or one with what is left', () => {
    const keys = Object.keys(note);
    fc.assert(
      fc.property(fc.constantFrom(...keys), anything, (key, value) => {
        const read = runOf({ ...runFact(note), [key]: value } as JsonObject);
        for (const { id } of read?.outputs ?? []) expect(id).toMatch(/^[0-9a-f]{64}$/);
        for (const { node } of read?.seeds ?? []) expect(typeof node).toBe('string');
      }),
    );
    for (const fact of [null, 1, 'finished', [], {}, { ...runFact(note), schema: 'cwf.run.note/2' }]) {
      expect(runOf(fact as Json)).toBeUndefined();
    }
  });

  test('[RU-18] stands in its order beside what others wrote', async () => {
    const { ctx, git } = await tempRepo({ 'wf.json': apiGraph() });
    await commit.run(ctx, {});
    const later = { ...note, run: 'a', time: note.time + 0.001 };
    const lines = [later, note].map((one) => canonicalJson(runFact(one)));
    git(
      'notes',
      '--ref=cwf/runs',
      'add',
      '-m',
      ['by hand', '{"schema":"cwf.run.note/1"}', ...lines].join('\n'),
      'HEAD',
    );
    expect((await readRuns(ctx, await ctx.repo.resolve('HEAD'))).map(({ run }) => run)).toEqual(['r', 'a']);
    const { facts } = await noteShow.run(ctx, {});
    expect(facts.flatMap(({ run, text }) => run?.run ?? text ?? [])).toEqual(['by hand', 'r', 'a']);
  });
});
