import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** Absolute path of a folder or file of the shared corpus (real workflows, not in this repository); undefined without it. */
export function corpus(name: string): string | undefined {
  const root = process.env['CWF_CORPUS'] ?? fileURLToPath(new URL('../../shared/data/', import.meta.url));
  const path = `${root.replace(/\/$/, '')}/${name}`;
  return existsSync(path) ? path : undefined;
}

/** Declares the tests of `define` when the corpus is there; else says so and leaves one skipped test behind. */
export function withCorpus(name: string, define: (path: string) => void): void {
  describe(`corpus ${name}`, () => {
    const path = corpus(name);
    if (path !== undefined) return define(path);
    console.warn(`corpus "${name}" is absent: its tests are skipped (set CWF_CORPUS to the folder that holds it)`);
    it.skip(`needs the corpus "${name}"`, () => {});
  });
}
