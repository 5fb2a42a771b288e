// Writes the generated documents: docs/cli.md from the command declarations, docs/errors.md and docs/diagnostics.md from
// their tables, the tables of docs/metrics.md and docs/editing.md from the registries.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'cwf-docs-'));
try {
  const outfile = join(folder, 'references.mjs');
  const entryPoints = ['scripts/references.ts'];
  await build({
    absWorkingDir: root,
    entryPoints,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const { cliReference, diagnosticReference, errorReference, metricReference, transformReference } = await import(
    pathToFileURL(outfile).href
  );
  writeFileSync(join(root, 'docs/cli.md'), await cliReference());
  writeFileSync(join(root, 'docs/errors.md'), errorReference());
  writeFileSync(join(root, 'docs/diagnostics.md'), diagnosticReference());
  const metrics = join(root, 'docs/metrics.md');
  writeFileSync(metrics, metricReference(readFileSync(metrics, 'utf8')));
  const editing = join(root, 'docs/editing.md');
  writeFileSync(editing, transformReference(readFileSync(editing, 'utf8')));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
