import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { jsonEqual } from '../../../src/base/json-text.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { type Conversion, convertToApi } from '../../../src/core/convert/convert.ts';
import { fileOrder } from '../../../src/core/convert/renumber.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import { corpus, withCorpus } from '../../corpus.ts';

type Nodes = Record<string, { readonly class_type?: string; readonly inputs: JsonObject }>;
interface Pair {
  readonly name: string;
  readonly want: Nodes;
  readonly got: Nodes;
  readonly conversion: Conversion;
}

function read(path: string): JsonObject {
  return parseJson(readFileSync(path), { source: path }) as JsonObject;
}

/** Every pair of a folder of the page's own prompts and the folder of what they were made from. */
function pairs(truth: string, sources: string): Pair[] {
  return readdirSync(truth).map((file) => {
    const document = read(join(sources, file));
    const workflow = readWorkflow(document, { catalog: defaultCatalog(), source: file });
    const options = { order: fileOrder(document), now: new Date(0), choose: () => 0 };
    const conversion = convertToApi(workflow, defaultCatalog(), options);
    const want = read(join(truth, file)).output as unknown as Nodes;
    return { name: file.slice(0, -'.json'.length), want, got: conversion.prompt, conversion };
  });
}

/** Places that differ, `_meta` aside: `<id> <class>.<input>`. */
function differences({ want, got }: Pair): string[] {
  return [...new Set([...Object.keys(want), ...Object.keys(got)])].flatMap((id) => {
    const [a, b] = [want[id], got[id]];
    if (!a || !b || a.class_type !== b.class_type) return [`${id} ${a?.class_type ?? 'nothing'}`];
    const names = new Set([...Object.keys(a.inputs), ...Object.keys(b.inputs)]);
    return [...names]
      .filter((name) => !jsonEqual(asDoubles(a.inputs[name]), b.inputs[name]))
      .map((name) => `${id} ${a.class_type}.${name}`);
  });
}

/** The recordings were written by a page, whose numbers are doubles. */
function asDoubles(value: Json | undefined): Json | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map((one) => asDoubles(one)!);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asDoubles(one)!]));
}

/** Why a pair differs, judged by what the conversion itself says of the very node. docs/limits.md has the same list. */
function causeOf({ conversion, want, got }: Pair, place: string): string {
  const [id = ''] = place.split(' ');
  const inner = id.split(':').at(-1);
  const codes = conversion.diagnostics.filter(({ node }) => node === inner).map(({ code }) => code);
  if (!defaultCatalog().node(String(got[id]?.class_type ?? want[id]?.class_type))) return 'class unknown';
  return codes.includes('OPTION_UNKNOWN') ? 'option unknown' : 'not explained';
}

withCorpus('groundtruth', (folder) => {
  const templates = pairs(folder, corpus('templates')!);
  const index = (read(corpus('groundtruth.index.json')!).items ?? {}) as Record<string, JsonObject>;
  const isKnown = ({ name }: Pair) => (index[name]!.unknown_classes as Json[]).length === 0;
  const isSure = ({ name }: Pair) => index[name]!.clean === true && index[name]!.stable === true;

  test('the prompt is that of the page, on every pair that is clean and stable', () => {
    const sure = templates.filter((pair) => isKnown(pair) && isSure(pair));
    expect(sure.length).toBeGreaterThan(100);
    const wrong = sure.map((pair) => [pair.name, differences(pair)] as const).filter(([, found]) => found.length > 0);
    expect(wrong).toEqual([]);
    const refused = sure.filter(({ conversion }) =>
      conversion.diagnostics.some(({ severity }) => severity === 'error'),
    );
    expect(refused.map(({ name }) => name)).toEqual([]);
  });

  test('and on every other one of known classes, but for causes that are known', () => {
    const others = templates.filter((pair) => isKnown(pair) && !isSure(pair));
    expect(others.length).toBeGreaterThan(10);
    const causes = others.flatMap((pair) => differences(pair).map((place) => causeOf(pair, place)));
    expect(causes.filter((cause) => cause !== 'option unknown')).toEqual([]);
    // Most of them are equal, and those that are not differ in one input.
    const unequal = others.filter((pair) => differences(pair).length > 0);
    expect(unequal.length).toBeLessThan(others.length / 4);
    expect(causes.length).toBe(unequal.length);
  });

  test('nodes of known classes are right beside unknown ones', () => {
    const mixed = templates.filter((pair) => !isKnown(pair));
    const causes = mixed.flatMap((pair) => differences(pair).map((place) => causeOf(pair, place)));
    expect(causes.filter((cause) => cause === 'not explained')).toEqual([]);
  });
});

withCorpus('groundtruth_blueprints', (folder) => {
  test('the prompt is that of the page, on every blueprint', () => {
    const blueprints = pairs(folder, corpus('blueprints')!);
    expect(blueprints.length).toBeGreaterThan(10);
    const wrong = blueprints.map((pair) => [pair.name, differences(pair)] as const);
    expect(wrong.filter(([, found]) => found.length > 0)).toEqual([]);
  });
});
