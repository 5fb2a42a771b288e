import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../../../../src/base/json.ts';
import { parseJson } from '../../../../src/base/json-parse.ts';
import { type Catalog, defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import type { Draft, Mutation } from './draft.ts';
import { LINK_MUTATIONS } from './link-mutations.ts';
import { NODE_MUTATIONS } from './node-mutations.ts';
import { seeded } from './random.ts';
import { VALUE_MUTATIONS } from './value-mutations.ts';

/** Every way to damage a prompt, by name: the kinds of the recorded verdicts of the real server. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  ...LINK_MUTATIONS,
  ...NODE_MUTATIONS,
  ...VALUE_MUTATIONS,
};

/** A prompt that is right, by name. */
export interface Base {
  readonly name: string;
  readonly prompt: JsonObject;
}

/** A damaged prompt, and what it was. */
export interface MutatedCase {
  readonly name: string;
  readonly base: Base;
  /** One to three names of mutations, in the order they were done. */
  readonly kinds: readonly string[];
  readonly details: readonly string[];
  readonly prompt: JsonObject;
}

/** What to damage, and how much of it to make. */
export interface MutatedOptions {
  readonly seed: number;
  /** Cases with one mutation, for each kind; where a kind finds a place in fewer bases there are fewer. */
  readonly perKind: number;
  /** Cases with two or three mutations of any kinds. */
  readonly mixed: number;
  readonly files?: Draft['files'];
  readonly catalog?: Catalog;
}

/** Damages prompts, always in the same way for one seed. */
export function mutatedCases(bases: readonly Base[], options: MutatedOptions): MutatedCase[] {
  const classes = [
    ...new Set(
      bases.flatMap(({ prompt }) => Object.values(prompt).map((node) => (node as JsonObject).class_type as string)),
    ),
  ].sort();
  const random = seeded(options.seed);
  const kinds = Object.keys(MUTATIONS).sort();
  const cases: MutatedCase[] = [];
  const add = (wanted: readonly string[]): void => {
    const base = random.pick(bases);
    const prompt = structuredClone(base.prompt);
    const draft = { prompt, random, classes, catalog: options.catalog ?? defaultCatalog(), files: options.files ?? {} };
    const done = wanted.flatMap((kind) => {
      const detail = MUTATIONS[kind]!(draft);
      return detail === undefined ? [] : [{ kind, detail }];
    });
    if (done.length < wanted.length) return;
    const name = `${base.name}#${wanted.join('+')}#${cases.length}`;
    cases.push({ name, base, kinds: wanted, details: done.map(({ detail }) => detail), prompt });
  };
  for (const kind of kinds) {
    const end = cases.length + options.perKind;
    for (let tries = 0; tries < options.perKind * TRIES && cases.length < end; tries++) add([kind]);
  }
  const end = cases.length + options.mixed;
  while (cases.length < end) add(Array.from({ length: 2 + random.int(2) }, () => random.pick(kinds)));
  return cases;
}

/** How often a base without a place for a mutation is tried again with another. */
const TRIES = 30;

/** The official prompts that the real server found right, of at most `maxNodes` nodes; without the corpus none. */
export function officialPrompts(folder: string, maxNodes = 60): Base[] {
  const read = (path: string) => parseJson(readFileSync(path), { source: path }) as JsonObject;
  const items = read(join(folder, 'groundtruth.index.json')).items as JsonObject;
  return readdirSync(join(folder, 'groundtruth'))
    .sort()
    .flatMap((file) => {
      const name = file.slice(0, -'.json'.length);
      const item = items[name];
      if (!isObject(item) || item.clean !== true) return [];
      const prompt = read(join(folder, 'groundtruth', file)).output as JsonObject;
      const size = Object.keys(prompt).length;
      return size === 0 || size > maxNodes ? [] : [{ name, prompt }];
    });
}

/** The files that the recording server had, by folder. */
export function serverFiles(folder: string): Record<string, string[]> {
  const path = join(folder, 'placeholder_files.json');
  return parseJson(readFileSync(path), { source: path }) as unknown as Record<string, string[]>;
}
