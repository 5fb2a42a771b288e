import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { driftBetween } from '../../../src/plan/reproduce/drift.ts';

const ENVIRONMENT = {
  engine: '0.33.0',
  python: '3.11',
  pytorch: '2.13',
  os: 'linux',
  cwf: '0.1.0',
  argv: ['main.py', '--lowvram', '--port', '8188'],
  devices: [{ name: 'cuda:0 NVIDIA A', type: 'cuda', vramTotal: 8 }],
};
const NOTE: JsonObject = {
  document: 'd',
  prompt: 'p',
  catalog: 'c',
  runner: 'desk',
  seeds: [{ node: '3', input: 'seed', value: 7 }],
  set: { '3.steps': 20 },
  inputs: [{ node: '1', input: 'image', file: 'a.png', sha256: 'aa' }],
  models: [{ input: 'Loader.name', file: 'a.safetensors' }],
  packs: [{ module: 'custom_nodes.A', classes: ['A'], version: '1' }],
  environment: ENVIRONMENT,
};
const environment = (changes: JsonObject): JsonObject => ({ environment: { ...ENVIRONMENT, ...changes } });
const between = (changes: JsonObject, before = NOTE) => driftBetween(before, { ...NOTE, ...changes });
const ONE: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['document', { document: 'e' }, { before: 'd', now: 'e', cause: 'likely' }],
  ['prompt', { prompt: 'q' }, { before: 'p', now: 'q', cause: 'likely', why: 'conversion' }],
  ['catalog', { catalog: 'x' }, { cause: 'unlikely' }],
  ['runner', { runner: 'cloud' }, { before: 'desk', now: 'cloud', cause: 'unlikely' }],
  ['seed', { seeds: [{ node: '3', input: 'seed', value: 8 }] }, { name: '3.seed', before: 7, now: 8, cause: 'likely' }],
  ['set', { set: {} }, { name: '3.steps', before: 20, cause: 'likely' }],
  ['input', { inputs: [{ node: '1', input: 'image', file: 'a.png', sha256: 'bb' }] }, { before: 'aa', now: 'bb' }],
  ['model', { models: [{ input: 'Loader.name', file: 'b.safetensors' }] }, { name: 'Loader.name a.safetensors' }],
  ['pack', { packs: [{ module: 'custom_nodes.A', version: '2' }] }, { before: '1', now: '2', cause: 'likely' }],
  ['engine', environment({ engine: '0.34.0' }), { before: '0.33.0', now: '0.34.0', cause: 'likely' }],
  ['pytorch', environment({ pytorch: '2.14' }), { cause: 'likely' }],
  ['python', environment({ python: '3.12' }), { cause: 'unlikely' }],
  ['os', environment({ os: 'win32' }), { cause: 'possible' }],
  ['cwf', environment({ cwf: '0.2.0' }), { cause: 'unlikely' }],
  ['device', environment({ devices: [{ name: 'cpu', type: 'cpu' }] }), { now: 'cpu (cpu)', cause: 'likely' }],
  ['argv', environment({ argv: ['main.py', '--lowvram', '--port', '9'] }), { name: '--port', cause: 'unlikely' }],
];

describe('drift', () => {
  test.each(ONE)('[RE-7, RE-8] %s is named when it is another one', (kind, changes, told) => {
    const { drifts, unknown } = between(changes);
    expect(drifts[0]).toMatchObject({ kind, ...told });
    expect(new Set(drifts.map((drift) => drift.kind))).toEqual(new Set([kind]));
    expect(unknown).toEqual([]);
  });

  test('[RE-7] every set of changes is told, in one order, and nothing else', () => {
    fc.assert(
      fc.property(fc.subarray([...ONE.filter(([, changes]) => !('environment' in changes))]), (some) => {
        const now = Object.assign({}, ...some.map(([, changes]) => changes)) as JsonObject;
        const kinds = new Set(between(now).drifts.map(({ kind }) => kind));
        expect(kinds).toEqual(new Set(some.map(([kind]) => kind)));
      }),
    );
    expect(between({})).toEqual({ drifts: [], unknown: [] });
  });

  test('[RE-7] a prompt that follows from what it is made of is no other conversion', () => {
    const { drifts } = between({ prompt: 'q', seeds: [{ node: '3', input: 'seed', value: 8 }] });
    expect(drifts.map(({ kind, why }) => [kind, why])).toEqual([
      ['seed', undefined],
      ['prompt', 'follows'],
    ]);
  });

  test('[RE-8] arguments that change how it computes can be a cause; cwf where it is the engine', () => {
    const causes = (changes: JsonObject, before = NOTE) => between(changes, before).drifts.map(({ cause }) => cause);
    expect(causes(environment({ argv: ['main.py', '--lowvram', '--port', '8188', '--fp8_e4m3fn-unet'] }))).toEqual([
      'possible',
    ]);
    expect(causes(environment({ argv: ['main.py', '--port', '8188'] }))).toEqual(['unlikely']);
    const libraries = { sharp: '1' };
    const here = { ...NOTE, ...environment({ libraries }) };
    expect(between(environment({ libraries: { sharp: '2' } }), here).drifts).toMatchObject([
      { kind: 'library', name: 'sharp', before: '1', now: '2', cause: 'likely' },
    ]);
    expect(causes(environment({ libraries, cwf: '2' }), here)).toEqual(['possible']);
  });

  test('[RE-7] what an older note does not say is not known, and what nobody asked for now is not told', () => {
    const { environment: _none, catalog: _either, ...older } = NOTE;
    const { drifts, unknown } = between({}, older);
    expect(drifts).toEqual([]);
    expect(unknown).toEqual(['device', 'engine', 'pytorch', 'python', 'os', 'argv', 'cwf', 'catalog']);
    expect(driftBetween(NOTE, {})).toEqual({ drifts: [], unknown: [] });
    // A version that one side does not know is no other version.
    expect(between({ packs: [{ module: 'custom_nodes.A' }] }).drifts).toEqual([]);
  });

  test('[RE-7] whatever somebody wrote into a note is data', () => {
    const anything = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    const keys = [...Object.keys(NOTE), 'libraries'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), anything), anything, (note, environment) => {
        for (const before of [note, { ...NOTE, ...note }, { ...NOTE, environment }] as JsonObject[]) {
          const { drifts } = driftBetween(before, NOTE);
          for (const { before: was, now } of drifts) expect(was === undefined && now === undefined).toBe(false);
        }
      }),
    );
  });
});
