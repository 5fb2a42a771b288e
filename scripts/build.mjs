// Builds dist/: the CLI as CommonJS with shared chunks, the library as one ES module, and the oclif manifest.
// esbuild splits code only for ES modules, which start slower than CommonJS; so the CLI is split as ES modules first and
// each chunk is then turned into CommonJS.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Packages with native code, which no bundle can hold. */
const NATIVE = ['classic-level'];
const require = createRequire(import.meta.url);

const next = join(root, `dist.${process.pid}.tmp`);
const old = `${next}.old`;
rmSync(next, { recursive: true, force: true });
mkdirSync(next);
try {
  await buildCli();
  if (existsSync(join(root, 'src/index.ts'))) await buildLibrary();
  await writeManifest();
  // Two renames, so that a program started meanwhile finds the old build or the new one.
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(next, join(root, 'dist'));
} finally {
  for (const folder of [next, old]) rmSync(folder, { recursive: true, force: true });
}

async function buildCli() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['cli/hot.ts', 'cli/run.ts', 'cli/manifest.ts'],
    outdir: next,
    outExtension: { '.js': '.cjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: NATIVE,
    mainFields: ['main', 'module'],
    conditions: ['require'],
    define: { __CWF_VERSION__: JSON.stringify(pkg.version) },
    loader: { '.json': 'json' },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  mkdirSync(join(next, 'chunks'));
  for (const file of result.outputFiles) {
    const { code } = await transform(file.text, {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      supported: { 'dynamic-import': false },
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
    });
    writeFileSync(file.path, code);
  }
  writeFileSync(join(next, 'meta.json'), JSON.stringify(result.metafile));
}

async function buildLibrary() {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    outfile: join(next, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
}

/** Help of every command without loading any: oclif reads this file at start-up. */
async function writeManifest() {
  const { oclifManifest } = require(join(next, 'manifest.cjs'));
  writeFileSync(join(next, 'oclif.manifest.json'), JSON.stringify(await oclifManifest()));
  rmSync(join(next, 'manifest.cjs'));
}
