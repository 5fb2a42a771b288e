import { expect, test } from 'vitest';
import { oclifManifest } from '../../cli/manifest.ts';
import {
  cliReference,
  diagnosticReference,
  errorReference,
  metricReference,
  transformReference,
} from '../../scripts/references.ts';
import { cwf, ensureBuilt, ROOT } from '../cli/cwf.ts';
import { read } from './sources.ts';

test('docs/cli.md is what the declarations say (else: npm run docs)', async () => {
  expect(read('docs/cli.md')).toBe(await cliReference());
});

test('docs/errors.md is what the error table says (else: npm run docs)', () => {
  expect(read('docs/errors.md')).toBe(errorReference());
});

test('docs/diagnostics.md is what the table of findings says (else: npm run docs)', () => {
  expect(read('docs/diagnostics.md')).toBe(diagnosticReference());
});

test('the table of docs/metrics.md is what the registry says (else: npm run docs)', () => {
  expect(read('docs/metrics.md')).toBe(metricReference(read('docs/metrics.md')));
  expect(read('docs/metrics.md')).toContain('| `laplacian-variance`, also `sharpness` |');
});

test('the table of docs/editing.md is what the registry of transforms says (else: npm run docs)', () => {
  expect(read('docs/editing.md')).toBe(transformReference(read('docs/editing.md')));
  expect(read('docs/editing.md')).toContain('| `insert-lora` |');
});

test('the oclif manifest of the build is fresh', async () => {
  ensureBuilt();
  const { commands } = JSON.parse(read('dist/oclif.manifest.json'));
  const fresh = (await oclifManifest()) as { commands: object };
  expect(commands).toEqual(JSON.parse(JSON.stringify(fresh.commands)));
  expect(cwf(ROOT, ['help']).stdout).not.toContain('__complete');
});
