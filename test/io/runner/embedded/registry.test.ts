import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import type { Operation } from '../../../../src/io/runner/embedded/operation.ts';
import { OPERATIONS, operationOf } from '../../../../src/io/runner/embedded/registry.ts';
import { filesUnder, read } from '../../../architecture/sources.ts';

test('every operation of the folder is in the registry, once', async () => {
  const found: string[] = [];
  for (const file of filesUnder('src/io/runner/embedded/operations', '.ts')) {
    const name = basename(file, '.ts');
    const module: Record<string, unknown> = await import(`../../../../src/io/runner/embedded/operations/${name}.ts`);
    const exported = Object.values(module).flat() as Partial<Operation>[];
    found.push(...exported.flatMap((one) => (one.classType === undefined ? [] : [one.classType])));
  }
  const listed = OPERATIONS.map(({ classType }) => classType);
  expect(listed.toSorted()).toEqual(found.toSorted());
  expect(new Set(listed).size).toBe(listed.length);
});

test('every class is one of the catalog, and no other is known', () => {
  for (const { classType } of OPERATIONS) expect(defaultCatalog().node(classType), classType).toBeDefined();
  expect(operationOf('KSampler')).toBeUndefined();
  expect(operationOf('constructor')).toBeUndefined();
});

test('the document tells how many there are', () => {
  expect(read('docs/limits.md')).toContain(`need no model (${OPERATIONS.length} of them)`);
});
