import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { parseJson } from '../../../src/base/json-parse.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { type Decision, isClean, type MergeResult, merge3 } from '../../../src/core/edit/merge.ts';
import { violationsOf } from '../../../src/core/edit/violations.ts';
import { readWorkflow } from '../../../src/core/workflow/read.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';
import { formatWorkflow, writeWorkflow } from '../../../src/core/workflow/write.ts';
import { withCorpus } from '../../corpus.ts';
import { edited } from './edit-sequences.ts';
import { random, renumbered } from './renumbered.ts';

/** All 10,000 take some minutes: by hand with CWF_PAIRS=10000, a share of them in every run. */
const PAIRS = Number(process.env['CWF_PAIRS'] ?? 1500);

const read = (json: Json, source = 'pair'): Workflow => readWorkflow(json, { catalog: defaultCatalog(), source });
/** As it will be read again: edits made on the keyed form leave things a file does not have. */
const canonical = (w: Workflow): Workflow => read(writeWorkflow(w));
const swapped: Readonly<Record<string, string>> = { ours: 'theirs', theirs: 'ours' };

withCorpus('templates', (folder) => {
  it('[MG-1] [MG-2] [MG-7] [MG-12] pairs of edit sequences merge the same from either side, to a graph that is whole or with named conflicts', () => {
    const documents = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name, parseJson(readFileSync(join(folder, name)), { source: name }) as JsonObject] as const)
      .filter(([, { nodes }]) => Array.isArray(nodes));
    const tally = { clean: 0, open: 0, disjoint: 0, renumbered: 0 };
    for (let pair = 0; pair < PAIRS; pair++) {
      const next = random(pair + 1);
      const [name, json] = documents[Math.floor(next() * documents.length)]!;
      const base = read(json, name);
      const isDisjoint = pair % 3 === 0;
      const isHalf = (half: number) => (_scope: string | undefined, id: string) => Number(id) % 2 === half;
      const count = 1 + Math.floor(next() * 6);
      const ours = canonical(edited(base, count, next, 'o', isDisjoint ? isHalf(0) : undefined));
      let theirs = canonical(edited(base, count, next, 't', isDisjoint ? isHalf(1) : undefined));
      const isRenumbered = pair % 5 === 0 && Object.keys(theirs.nodes).every((id) => /^\d+$/.test(id));
      if (isRenumbered) {
        const how = { nodes: (ids: readonly number[]) => ids.map((id) => id + 1), definitions: false, slots: false };
        theirs = read(renumbered(writeWorkflow(theirs) as JsonObject, how, next), name);
      }
      const where = `pair ${pair}: ${name}`;
      const one = merge3(base, ours, theirs);
      expectMirrored(one, merge3(base, theirs, ours), where);
      if (isClean(one)) expectWhole(one, ours, theirs, where);
      else expectNamed(one, where);
      if (isDisjoint) expect(isClean(one), `${where}: ${conflictsOf(one)}`).toBe(true);
      tally[isClean(one) ? 'clean' : 'open']++;
      if (isDisjoint) tally.disjoint++;
      if (isRenumbered) tally.renumbered++;
    }
    // The pairs are not all of one kind.
    expect(
      Object.values(tally).every((count) => count > PAIRS / 20),
      JSON.stringify(tally),
    ).toBe(true);
  }, 900_000);
});

function expectMirrored(one: MergeResult, two: MergeResult, where: string): void {
  expect(two.workflow, where).toEqual(one.workflow);
  const mirrored = two.decisions.map(({ ours, theirs, action, ...rest }: Decision) => ({
    ...rest,
    ...(theirs === undefined ? {} : { ours: theirs }),
    ...(ours === undefined ? {} : { theirs: ours }),
    action: swapped[action] ?? action,
  }));
  expect(mirrored, where).toEqual(one.decisions);
  expect(two.violations, where).toEqual(one.violations);
}

/** What was merged is what its text says, and breaks no rule that neither side broke. */
function expectWhole(result: MergeResult, ours: Workflow, theirs: Workflow, where: string): void {
  const text = formatWorkflow(result.workflow);
  expect(formatWorkflow(read(parseJson(text, { source: where }))), where).toBe(text);
  const [known, now] = [[ours, theirs].flatMap(violationsOf), violationsOf(result.workflow)];
  const codes = (list: typeof now): number => list.length;
  expect(codes(now), where).toBeLessThanOrEqual(codes(known));
}

function expectNamed({ decisions, violations }: MergeResult, where: string): void {
  const open = decisions.filter(({ conflict }) => conflict);
  expect(open.length + violations.length, where).toBeGreaterThan(0);
  for (const { id, ours, theirs, base } of open) {
    expect(id, where).not.toBe('');
    expect(new Set([ours, theirs, base].map((side) => JSON.stringify(side, wide))).size, where).toBeGreaterThan(1);
  }
  for (const { id, message, places } of violations) {
    expect(
      [id, message].every((text) => text !== ''),
      where,
    ).toBe(true);
    expect(places.length, where).toBeGreaterThan(0);
  }
}

function conflictsOf({ decisions, violations }: MergeResult): string {
  const open = decisions.filter(({ conflict }) => conflict).map(({ id }) => id);
  return [...open, ...violations.map(({ id }) => id)].join(', ');
}

function wide(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
