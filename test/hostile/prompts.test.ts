import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { catalogOfEngine } from '../../src/core/catalog/engines.ts';
import { parsePythonJson } from '../../src/core/validate/engine/python-json.ts';
import type { PyDict } from '../../src/core/validate/engine/python-value.ts';
import { validateAsEngine, validatePython } from '../../src/core/validate/engine/validate-as-engine.ts';

// Prompts that are made to exhaust whoever judges them. [VE-20]
const invert = (image: Json) => ({ class_type: 'ImageInvert', inputs: { image } });
const preview = (images: Json) => ({ class_type: 'PreviewImage', inputs: { images } });
const numbered = (count: number, node: (at: number) => JsonObject): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [String(at), node(at)]));
const judge = (prompt: Json) => validateAsEngine({ prompt }, defaultCatalog());

it('a chain of 100,000 nodes', () => {
  const prompt = numbered(100_000, (at) => invert([String(at + 1), 0]));
  prompt['100000'] = { class_type: 'EmptyImage', inputs: { width: 1, height: 1, batch_size: 1, color: 0 } };
  expect(judge({ ...prompt, end: preview(['0', 0]) })).toMatchObject({ status: 200 });
});

it('a cycle of 10,000 nodes, each of which is told, in texts that stay short', async () => {
  const prompt = numbered(10_000, (at) => invert([String((at + 1) % 10_000), 0]));
  const verdict = judge({ ...prompt, end: preview(['5', 0]) });
  expect(Object.keys(verdict.node_errors)).toHaveLength(10_000);
  expect(verdict.node_errors['77']?.errors[0]?.details.length).toBeLessThan(3000);
  const older = validateAsEngine({ prompt: { ...prompt, end: preview(['5', 0]) } }, await catalogOfEngine('0.3.64'));
  expect(older).toMatchObject({ status: 400, node_errors: {} });
});

it('50,000 cycles that grow one into another', () => {
  const half = 50_000;
  const blend = (image1: Json, image2: Json) => ({ class_type: 'ImageBlend', inputs: { image1, image2 } });
  // The upper half leads down the chain, and on the way back each node closes a cycle that begins one node earlier.
  const prompt = numbered(2 * half, (at) =>
    at < half ? invert([String(at + 1), 0]) : blend([String(at + 1), 0], [String(at - half), 0]),
  );
  const verdict = judge({ ...prompt, end: preview(['0', 0]) });
  expect(verdict.status).toBe(400);
  expect(Object.keys(verdict.node_errors).length).toBeGreaterThan(half);
});

it('50,000 wrong outputs, without a list of 50,000 for each', () => {
  const { node_errors, status } = judge(numbered(50_000, () => ({ class_type: 'PreviewImage', inputs: {} })));
  expect(status).toBe(400);
  expect(Object.keys(node_errors)).toHaveLength(50_000);
  const longest = Math.max(...Object.values(node_errors).map((one) => one.dependent_outputs.length));
  expect(longest).toBe(1000);
});

it('values nested 64 deep, and far deeper', () => {
  const nested = (depth: number) => `${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`;
  const prompt = (depth: number) => `{"1":{"class_type":"PreviewAny","inputs":{"source":${nested(depth)}}}}`;
  const run = (text: string) => validatePython({ prompt: parsePythonJson(text) }, defaultCatalog());
  expect(run(prompt(64)).status).toBe(200);
  let deep: Json = 1;
  for (let at = 0; at < 100_000; at++) deep = [deep];
  expect(judge({ '1': { class_type: 'PreviewAny', inputs: { source: deep } } })).toMatchObject({
    status: 500,
    exception: { type: 'RecursionError' },
  });
});

it('names of the prototype, as ids, classes, inputs and types', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  for (const name of names) {
    const own = JSON.stringify(name);
    const node = `{"class_type":"PreviewImage","inputs":{${own}:[${own},0]},"_meta":{${own}:1}}`;
    const read = parsePythonJson(`{${own}:${node}}`) as PyDict;
    const verdict = validatePython({ prompt: read }, defaultCatalog());
    expect(Object.keys(verdict.node_errors)).toEqual([name]);
    expect(judge({ '1': { class_type: name, inputs: {} } }).error?.type).toBe('missing_node_type');
  }
  expect(({} as Record<string, unknown>)['class_type']).toBeUndefined();
});
