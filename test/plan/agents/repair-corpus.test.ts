import { expect, test } from 'vitest';
import { portrait } from '../../core/validate/fixes/prompts.ts';
import { MUTATIONS, mutatedCases, officialPrompts, serverFiles } from '../../core/validate/mutations/cases.ts';
import { withCorpus } from '../../corpus.ts';
import { repairFigures, withoutErrors } from './repair-figures.ts';

const FILES = { checkpoints: ['sd15.safetensors'] };

test('the corpus of damage is the same for one seed, and every kind finds a place somewhere', () => {
  const bases = [{ name: 'portrait', prompt: portrait() as never }];
  const options = { seed: 3, perKind: 2, mixed: 5, files: FILES };
  expect(mutatedCases(bases, options)).toEqual(mutatedCases(bases, options));
  const kinds = new Set(mutatedCases(bases, options).flatMap((one) => one.kinds));
  expect(kinds.size).toBeGreaterThan(45);
  expect(Object.keys(MUTATIONS)).toHaveLength(72);
});

test('[RA-14] no repair does harm, and most of a small prompt comes back', { timeout: 60_000 }, async () => {
  const bases = withoutErrors([{ name: 'portrait', prompt: portrait() as never }], FILES);
  const rows = await repairFigures(mutatedCases(bases, { seed: 3, perKind: 4, mixed: 60, files: FILES }), FILES);
  const sum = (key: 'cases' | 'harmless' | 'broken' | 'intent' | 'validWithoutIntent') =>
    rows.reduce((total, row) => total + row[key], 0);
  expect(sum('harmless')).toBe(sum('cases'));
  expect(sum('validWithoutIntent') / (sum('broken') - sum('intent'))).toBeGreaterThan(0.9);
});

withCorpus('groundtruth', (path) => {
  test('[RA-14] official prompts, damaged: none is harmed, 19 of 20 come out right', { timeout: 120_000 }, async () => {
    const data = path.replace(/\/groundtruth$/, '');
    const files = serverFiles(data);
    const bases = withoutErrors(officialPrompts(data), files);
    const rows = await repairFigures(mutatedCases(bases, { seed: 11, perKind: 8, mixed: 100, files }), files);
    const sum = (key: 'cases' | 'harmless' | 'broken' | 'intent' | 'validWithoutIntent') =>
      rows.reduce((total, row) => total + row[key], 0);
    expect(sum('harmless')).toBe(sum('cases'));
    expect(sum('validWithoutIntent') / (sum('broken') - sum('intent'))).toBeGreaterThan(0.93);
  });
});
