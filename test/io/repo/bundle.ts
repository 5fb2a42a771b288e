import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a TypeScript program (imports of `src/...` relative to the project) into an .mjs file that `node` can run
 * in a child process, and returns its path: Node 20 does not run TypeScript.
 */
export async function bundleProgram(dir: string, name: string, source: string): Promise<string> {
  mkdirSync(dir, { recursive: true });
  const outfile = resolve(dir, `${name}.mjs`);
  // Native modules are found from the project, not from the temporary folder.
  const level = {
    name: 'level',
    setup: (b: import('esbuild').PluginBuild): void =>
      void b.onResolve({ filter: /^(level|isomorphic-git)$/ }, (a) => ({ path: importPath(a.path), external: true })),
  };
  await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    plugins: [level],
    logLevel: 'silent',
    banner: {
      js: "import { createRequire as __cwfRequire } from 'node:module'; const require = __cwfRequire(import.meta.url);",
    },
  });
  writeFileSync(resolve(dir, 'package.json'), '{"type":"module"}');
  return outfile;
}

function importPath(name: string): string {
  return resolve(process.cwd(), 'node_modules', name, name === 'level' ? 'index.js' : 'index.cjs');
}
