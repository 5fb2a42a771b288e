// Builds the catalog that cwf ships from a dump of a server's node definitions (GET /object_info, or the facts of it):
//   node scripts/build-catalog.mjs <object_info.json> <engine> <file.ts> [orders.json | folder of UI workflows ...]
// The file lies in src/core/catalog/data; a new one also needs a line in src/core/catalog/engines.ts.
// A dump with sorted keys has lost the order of the inputs below a dynamic combo. The engine's source states it
// (scripts/nested-orders.py); where it is computed, workflows that name their widget values, in the order in which the
// page saved them, give it back. The first that knows all names of an option is believed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * A dump of facts gives a list of files as `["COMBO", {"files": <folder>}]`, whatever it was. A definition of V3 always
 * says whether such a list is `multiselect`; one of V1 has it as its type, but for these.
 */
const NAMED_COMBO = new Set(['GeminiInputFiles.file', 'OpenAIInputFiles.file']);

const [source, engine, target, ...sources] = process.argv.slice(2);
if (!source || !engine || !target) throw new Error('usage: build-catalog.mjs <object_info.json> <engine> <file.ts>');
const out = join(tmpdir(), `cwf-catalog-${process.pid}.mjs`);
await build({
  stdin: {
    contents: `export { catalogFromJson } from './src/core/catalog/catalog.ts';
export { catalogFromObjectInfo } from './src/core/catalog/object-info.ts';
export { parseJson } from './src/base/json-parse.ts';
export { canonicalJson } from './src/base/json-text.ts';`,
    resolveDir: resolve('.'),
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: out,
});
const { catalogFromJson, catalogFromObjectInfo, parseJson, canonicalJson } = await import(pathToFileURL(out).href);
rmSync(out);
const json = parseJson(readFileSync(source), { source, maxBytes: 64 << 20 });
const orders = sources.map((one) => (one.endsWith('.json') ? statedOrders(one) : learnedOrders(one)));
const nested = (...place) => orders.map((order) => order(...place)).filter((names) => names !== undefined);
const made = catalogFromObjectInfo(json, engine, orders.length > 0 ? nested : undefined).toJson();
for (const [name, node] of Object.entries(made.nodes)) {
  for (const input of node.in) {
    const [own, , type, facts] = input;
    const isListed = type === 'COMBO' && facts?.files !== undefined && facts.multiselect === undefined;
    if (isListed && !NAMED_COMBO.has(`${name}.${own}`)) input[4] = true;
  }
}
const catalog = catalogFromJson(made);
// One class a line, so that one can be read without the others; lines joined by commas are the canonical text.
const { nodes } = catalog.toJson();
const names = Object.keys(nodes).sort();
if (names.some((name) => /["\\\n]/.test(name))) throw new Error('a class name would need an escape');
const text = names.map((name) => `"${name}":${canonicalJson(nodes[name])}`).join('\n');
mkdirSync('src/core/catalog/data', { recursive: true });
writeFileSync(
  join('src/core/catalog/data', target),
  `// Made by scripts/build-catalog.mjs from the node definitions of ComfyUI ${engine}. Facts only.\n` +
    `export const ENGINE = ${JSON.stringify(engine)};\n` +
    `export const HASH = '${catalog.hash}';\n` +
    `export const TEXT = ${JSON.stringify(text)};\n`,
);
console.log(`${Object.keys(json).length} classes, ${text.length} characters, ${catalog.hash}`);

/** Orders of nested inputs as scripts/nested-orders.py wrote them: `{class: {input: {option: [names]}}}`. */
function statedOrders(file) {
  const orders = JSON.parse(readFileSync(file, 'utf8'));
  return (classType, input, key) => orders[classType]?.[input]?.[key] ?? orders[classType]?.[input]?.['*'];
}

/** Orders as the workflows of a folder have them; one that two files disagree on is left out. */
function learnedOrders(folder) {
  const found = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const workflow = parseJson(readFileSync(join(folder, file)), { source: file });
    const subgraphs = workflow.definitions?.subgraphs ?? [];
    for (const node of [workflow, ...subgraphs].flatMap((scope) => scope.nodes ?? [])) {
      const named = node.widgets_values_named;
      for (const [input, key] of Object.entries(named ?? {})) {
        const names = Object.keys(named).filter((name) => name.startsWith(`${input}.`));
        const order = names.map((name) => name.slice(input.length + 1)).filter((name) => !name.includes('.'));
        if (order.length < 2) continue;
        const place = [node.type, input, key].join('\n');
        const text = order.join('\n');
        found.set(place, found.has(place) && found.get(place) !== text ? undefined : text);
      }
    }
  }
  return (classType, input, key) => found.get([classType, input, key].join('\n'))?.split('\n');
}
