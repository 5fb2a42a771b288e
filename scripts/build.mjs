// Builds dist/, all of it CommonJS, which starts faster than ES modules:
//   hot.cjs            what bin/cwf.cjs loads: --version, and which file answers
//   verb/<verb>.cjs    one file per command with everything of ours it may need
//   main.cjs           oclif around those files, for help and all that is not hot
//   metrics-worker.cjs what a worker thread that measures images runs
//   server-writer.cjs  the thread of a server that makes the changes
//   page/              the page of the server: scripts and styles that a browser loads, and page.json, which names them
//   vendor/*.cjs       packages and data that are loaded only when they are needed, one file each
//   oclif.manifest.json, meta.json (what went into which file)
// Modules that are imported lazily lie inside the file of their verb and run only when they are asked for: one file of
// some hundred KB loads faster than the thirty small ones that esbuild's own splitting makes.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const CATALOGS = 'src/core/catalog/data';
/** Each shipped catalog is a file of its own: most commands need none of them. */
function catalogs() {
  return readdirSync(join(root, CATALOGS)).map((file) => file.replace(/\.ts$/, ''));
}
const whole = (name) => `export * from '${name}';\nexport { default } from '${name}';\n`;
const SDK = '@modelcontextprotocol/sdk';
/** Files of dist/vendor and what they hold. oclif's is cut to what we use: its main module loads all of it. */
const VENDOR = {
  oclif: `export * as Args from '@oclif/core/args';
    export * as Flags from '@oclif/core/flags';
    export { Command } from '@oclif/core/command';
    export { Config } from '@oclif/core/config';
    export { Help } from '@oclif/core/help';
    export { settings } from '@oclif/core/settings';`,
  zod: whole('zod'),
  // One function: a re-exported default would come out of an import as an object around it.
  ignore: `module.exports = require('ignore');`,
  level: whole('level'),
  openai: `export { OpenAI, APIError } from 'openai';`,
  mcp: `export { Server } from '${SDK}/server/index.js';
    export { WebStandardStreamableHTTPServerTransport } from '${SDK}/server/webStandardStreamableHttp.js';
    export * from '${SDK}/types.js';`,
  yaml: `export { Document, LineCounter, isMap, parseDocument, visit } from 'yaml';`,
  ...Object.fromEntries(catalogs().map((name) => [`catalog-${name}`, `export * from './${CATALOGS}/${name}.ts';`])),
};
/** Which import is which of those files. */
const APART = {
  '@oclif/core': 'oclif',
  zod: 'zod',
  ignore: 'ignore',
  level: 'level',
  openai: 'openai',
  yaml: 'yaml',
  [`${SDK}/server/index.js`]: 'mcp',
  [`${SDK}/server/webStandardStreamableHttp.js`]: 'mcp',
  [`${SDK}/types.js`]: 'mcp',
};
const CATALOG_DATA = /\/data\/(default|v[\d-]+)\.ts$/;
/** Packages that oclif loads at once and uses only to look for commands, which ours are told. */
const UNUSED_BY_OCLIF = /^(tinyglobby|minimatch|lilconfig|ejs|cli-spinners|get-package-type)$/;
/** Packages with native code, which no bundle can hold. */
const NATIVE = ['classic-level', 'sharp', 'onnxruntime-node'];

/** The programs of worker threads. */
const ENGINE_WORKER = `import { serveThread } from './src/io/runner/embedded/worker.ts'; serveThread();`;
const METRICS_WORKER = `import { parentPort } from 'node:worker_threads';
  import { serve } from './src/io/metrics/worker.ts';
  serve(parentPort);`;
const SERVER_WRITER = `import { parentPort, workerData } from 'node:worker_threads';
  import { serveWriter } from './server/writer-thread.ts';
  void serveWriter(parentPort, workerData);`;

/** Puts off the loading of packages until one of their members is asked for; esbuild runs a required module then. */
const oclifParts = {
  name: 'unused-by-oclif',
  setup(builder) {
    builder.onResolve({ filter: UNUSED_BY_OCLIF }, ({ path, pluginData }) =>
      pluginData === 'real' ? undefined : { path, namespace: 'lazy' },
    );
    builder.onResolve({ filter: /^real:/ }, ({ path }) =>
      builder.resolve(path.slice('real:'.length), { kind: 'require-call', resolveDir: root, pluginData: 'real' }),
    );
    builder.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: Object.getOwnPropertyNames(require(path))
        .filter((name) => name !== 'length' && name !== 'name' && name !== 'prototype')
        .map((name) => lazyMember(name, `real:${path}`))
        .join('\n'),
      loader: 'js',
    }));
  },
};

/** Completion knows every command by its declaration and runs none: what they load when they run is left out of it. */
const declarationsOnly = {
  name: 'declarations-only',
  setup(builder) {
    const commands = join(root, 'cli/commands');
    builder.onResolve({ filter: /^\.\.\// }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && dirname(importer) === commands ? { path, namespace: 'not-run' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'not-run' }, () => ({ contents: '' }));
  },
};

const next = join(root, `dist.${process.pid}.tmp`);
const old = `${next}.old`;
const outputs = {};

rmSync(next, { recursive: true, force: true });
mkdirSync(next);
try {
  for (const [name, contents] of Object.entries(VENDOR)) await bundle(`vendor/${name}.cjs`, contents, [oclifParts]);
  const apart = vendorFiles();
  await bundle('build-only.cjs', `export * from './cli/manifest.ts';`, [apart('.')]);
  const { commandFiles, oclifManifest } = require(join(next, 'build-only.cjs'));
  const commands = commandFiles();
  const names = { __CWF_COMMANDS__: JSON.stringify(commands.map(({ name }) => name)) };
  await Promise.all([
    ...commands.map((each) => {
      const plugins = each.name === '__complete' ? [declarationsOnly, apart('verb')] : [apart('verb')];
      return bundle(`verb/${each.built}.cjs`, verbEntry(each), plugins);
    }),
    ...['hot', 'main'].map((name) => bundle(`${name}.cjs`, `export * from './cli/${name}.ts';`, [apart('.')], names)),
    bundle('engine-worker.cjs', ENGINE_WORKER, [apart('.')]),
    bundle('metrics-worker.cjs', METRICS_WORKER, [apart('.')]),
    bundle('server-writer.cjs', SERVER_WRITER, [apart('.')]),
    page(),
    ...(existsSync(join(root, 'src/index.ts')) ? [library()] : []),
  ]);
  // Help of every command without loading any: oclif reads this file at start-up.
  writeFileSync(join(next, 'oclif.manifest.json'), JSON.stringify(await oclifManifest()));
  rmSync(join(next, 'build-only.cjs'));
  delete outputs['build-only.cjs'];
  writeFileSync(join(next, 'meta.json'), JSON.stringify({ outputs }));
  // Two renames, so that a program started meanwhile finds the old build or the new one.
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(next, join(root, 'dist'));
} finally {
  for (const folder of [next, old]) rmSync(folder, { recursive: true, force: true });
}

/** Source text of the entry of a command's own file; only completion knows all the others. */
function verbEntry({ name, source }) {
  const all = name === '__complete';
  return `import { command as own } from './cli/commands/${source}.ts';
    import { verb } from './cli/verb.ts';
    ${all ? "import { COMMANDS } from './cli/commands/index.ts';" : ''}
    export const { command, quick, parsed } = verb(own${all ? ', COMMANDS' : ''});`;
}

async function bundle(outfile, contents, plugins, define = {}) {
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, sourcefile: `entry of ${outfile}`, loader: 'ts' },
    outfile: join(next, outfile),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: NATIVE,
    plugins,
    supported: { 'dynamic-import': false },
    mainFields: ['main', 'module'],
    conditions: ['require'],
    // What lies where is known by __dirname in these files.
    define: { __CWF_VERSION__: JSON.stringify(version), 'import.meta.url': 'undefined', ...define },
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: outfile.startsWith('vendor/'),
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const { inputs } of Object.values(metafile.outputs)) outputs[outfile] = { inputs };
}

/** Lets imports of what stands in dist/vendor point there, seen from a folder of dist. */
function vendorFiles() {
  const data = new Map(
    catalogs().map((name) => [name, Object.entries(require(join(next, `vendor/catalog-${name}.cjs`)))]),
  );
  return (folder) => {
    const file = (name) => `./${relative(folder, `vendor/${name}.cjs`)}`;
    return {
      name: 'vendor-files',
      setup(builder) {
        const packages = new RegExp(`^(${Object.keys(APART).join('|')})$`);
        builder.onResolve({ filter: packages }, ({ path }) => ({ path: file(APART[path]), external: true }));
        builder.onResolve({ filter: /vendor\/catalog-[^/]*\.cjs$/ }, ({ path }) => ({ path, external: true }));
        builder.onResolve({ filter: CATALOG_DATA }, ({ path }) => ({
          path: CATALOG_DATA.exec(path)[1],
          namespace: 'catalog',
        }));
        builder.onLoad({ filter: /.*/, namespace: 'catalog' }, ({ path }) => ({
          // Hash and engine are wanted at once, the definitions perhaps never.
          contents: data
            .get(path)
            .map(([name, value]) =>
              typeof value === 'string' && value.length < 200
                ? `exports.${name} = ${JSON.stringify(value)};`
                : lazyMember(name, file(`catalog-${path}`)),
            )
            .join('\n'),
          loader: 'js',
        }));
      },
    };
  };
}

function lazyMember(name, module) {
  const key = JSON.stringify(name);
  return `Object.defineProperty(exports, ${key}, { enumerable: true, get: () => require('${module}')[${key}] });`;
}

/** What a browser loads of the server: a part for each view, under names that say what is in them. */
async function page() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: 'server/page/main.tsx' },
    outdir: join(next, 'page'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const [[script, { cssBundle: style, imports }]] = Object.entries(metafile.outputs).filter(
    ([, one]) => one.entryPoint === 'server/page/main.tsx',
  );
  const first = imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path));
  writeFileSync(
    join(next, 'page', 'page.json'),
    JSON.stringify({ script: basename(script), style: basename(style), first }),
  );
}

function library() {
  return build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    outfile: join(next, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    define: { __CWF_VERSION__: JSON.stringify(version) },
    logLevel: 'warning',
  });
}
