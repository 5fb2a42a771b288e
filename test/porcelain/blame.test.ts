import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { jsonEqual } from '../../src/base/json-text.ts';
import { blame } from '../../src/porcelain/blame.ts';
import { placesOf } from '../../src/porcelain/blame-places.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { workflowAt } from '../../src/porcelain/workflows.ts';
import { apiGraph, uiGraph } from './samples.ts';
import { failure, type Temp, tempRepo, unprotect } from './temp.ts';

type Graph = Record<string, JsonObject>;

/** A small generator of our own, so that a seed is all a failing history needs. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One random edit of an API graph: a value, a node more, a node less, another class, a link elsewhere. */
function edited(graph: Graph, random: (below: number) => number, tag: number): Graph {
  const next = structuredClone(graph);
  const ids = Object.keys(next);
  const id = ids[random(ids.length)]!;
  const inputs = next[id]!['inputs'] as JsonObject;
  const names = Object.keys(inputs);
  const kind = random(6);
  if (kind === 0) next[String(100 + tag)] = { class_type: 'Note', inputs: { text: `note ${random(3)}` } };
  else if (kind === 1 && ids.length > 9 && Number(id) >= 100) delete next[id];
  else if (kind === 2) next[id]!['class_type'] = `Class${random(3)}`;
  else if (names.length > 0) {
    const name = names[random(names.length)]!;
    if (!Array.isArray(inputs[name])) inputs[name] = random(3);
    else inputs[name] = [ids[random(ids.length)]!, random(2)];
  }
  return next;
}

/** By definition: a value belongs to the first parent that has the same at the same node, else to the commit itself. */
async function naive(ctx: Context, oid: string, file: string): Promise<Map<string, string>> {
  const { parents } = await ctx.repo.readCommit(oid);
  const workflow = await workflowAt(ctx, oid, file);
  const owners = new Map<string, string>();
  const sides: { values: Map<string, Json>; owners: Map<string, string> }[] = [];
  for (const parent of parents) {
    const before = await workflowAt(ctx, parent, file).catch(() => undefined);
    if (before === undefined) continue;
    const values = new Map(placesOf(before).map(({ pointer, value }) => [pointer, value]));
    sides.push({ values, owners: await naive(ctx, parent, file) });
  }
  const classes = new Map(placesOf(workflow).map(({ pointer, value }) => [pointer, value]));
  for (const { pointer, value, node } of placesOf(workflow)) {
    const at = `/nodes/${node}`;
    const side = sides.find(
      ({ values }) =>
        values.has(pointer) && jsonEqual(values.get(pointer), value) && values.get(at) === classes.get(at),
    );
    owners.set(pointer, side?.owners.get(pointer) ?? oid);
  }
  return owners;
}

/** Commits with git alone. Taken out of the index first: git does not look into a file written in the same second. */
function plainCommit(t: Temp, message: string): void {
  t.git('rm', '-q', '--cached', '-f', 'a.json');
  t.git('add', 'a.json');
  t.git('commit', '-q', '--allow-empty', '-m', message);
}

async function history(seed: number) {
  const random = numbers(seed);
  const t = await tempRepo({ '.cwfrc': '{ "durability": "normal" }', 'a.json': apiGraph() });
  await commit.run(t.ctx, { message: 'start' });
  const branches = ['main', 'side'];
  await switchTo.run(t.ctx, { target: 'side', create: true });
  for (let n = 0; n < 14; n++) {
    await switchTo.run(t.ctx, { target: branches[random(2)]! });
    const graph = JSON.parse(t.read('a.json')) as Graph;
    const kind = random(8);
    if (kind === 0) {
      const other = (await t.ctx.repo.head()).branch!.endsWith('main') ? 'side' : 'main';
      const favor = random(2) ? 'ours' : 'theirs';
      const out = await merge.run(t.ctx, { rev: other, favor }).catch(() => undefined);
      if (out) continue;
    }
    t.write('a.json', edited(graph, random, n));
    if (kind === 1) plainCommit(t, `plain ${n}`);
    else await commit.run(t.ctx, {}).catch(() => undefined);
    if (kind === 2)
      t.git('commit', '-q', '--amend', '--date=2020-01-01T00:00:00Z', '-m', t.git('log', '-1', '--format=%B'));
  }
  await merge.run(t.ctx, { rev: (await t.ctx.repo.head()).branch!.endsWith('main') ? 'side' : 'main', favor: 'ours' });
  return t;
}

describe('blame', () => {
  it('says the same from messages, from snapshots, and by definition, on random histories with merges', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const t = await history(seed);
      const quick = await blame.run(t.ctx, { file: 'a.json' });
      const slow = await blame.run(await t.open(), { file: 'a.json', snapshots: true });
      expect(quick, `seed ${seed}`).toEqual(slow);
      const expected = await naive(t.ctx, quick.rev, 'a.json');
      expect(new Map(quick.lines.map(({ pointer, commit }) => [pointer, commit])), `seed ${seed}`).toEqual(expected);
    }
  });

  it('names person and agent, date and subject for each value, and one input alone', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    const first = (await commit.run(t.ctx, { message: 'as downloaded' })).oid!;
    await unprotect(t);
    const tuner = await t.open({ actor: 'agent/tuner' });
    const second = (await set.run(tuner, { file: 'a.json', values: [{ address: '3.steps', value: '30' }] })).oid!;
    const out = await blame.run(t.ctx, { file: 'a.json' });
    const owner = (pointer: string) => out.lines.find((line) => line.pointer === pointer)?.commit;
    expect([owner('/nodes/3/widgets/steps'), owner('/nodes/3/widgets/cfg')]).toEqual([second, first]);
    expect(out.commits.find(({ oid }) => oid === second)).toMatchObject({ actor: 'agent/tuner' });
    const one = await blame.run(t.ctx, { file: 'a.json', input: 'portrait.steps' });
    expect(one.lines).toMatchObject([{ label: 'KSampler "portrait" (3)', input: 'steps', text: '30', commit: second }]);
    const link = await blame.run(t.ctx, { file: 'a.json', input: '3.model' });
    expect(link.lines).toMatchObject([{ part: 'link', text: 'CheckpointLoaderSimple (4).0', commit: first }]);
    const old = await blame.run(t.ctx, { file: 'a.json', rev: 'HEAD~1', input: '3.steps' });
    expect(old.lines[0]).toMatchObject({ text: '20', commit: first });
    await failure('INPUT_NOT_FOUND', blame.run(t.ctx, { file: 'a.json', input: '3.nope' }));
    await failure('FILE_NOT_FOUND', blame.run(t.ctx, { file: 'b.json' }));
    await failure('REV_NOT_FOUND', blame.run(t.ctx, { file: 'a.json', rev: 'nope' }));
  });

  it('does not read a snapshot where the messages say it all', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, {});
    for (let n = 0; n < 5; n++)
      await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.seed', value: String(n) }] });
    const ctx = await t.open();
    const read: string[] = [];
    const { objects } = ctx.repo;
    const original = objects.read.bind(objects);
    objects.read = async (oid) => {
      const object = await original(oid);
      read.push(object.type);
      return object;
    };
    await blame.run(ctx, { file: 'a.json' });
    expect(read.filter((type) => type === 'blob').length).toBe(1);
    read.length = 0;
    await blame.run(ctx, { file: 'a.json', input: '3.seed' });
    expect(read.filter((type) => type === 'commit').length).toBeLessThanOrEqual(5);
  });

  it('[PT-5] looks at a value in a subgraph, follows a renamed file, and a patch too long for its message', async () => {
    const t = await tempRepo({ 'ui.json': uiGraph() });
    const first = (await commit.run(t.ctx, { message: 'start' })).oid!;
    t.git('mv', 'ui.json', 'moved.json');
    await commit.run(t.ctx, {});
    const graph = uiGraph();
    (graph.nodes[1] as { widgets_values: Json[] }).widgets_values = ['long '.repeat(3000)];
    t.write('moved.json', graph);
    const long = (await commit.run(t.ctx, {})).oid!;
    expect(t.git('log', '-1', '--format=%B')).toContain('"sha256"');
    const out = await blame.run(t.ctx, { file: 'moved.json' });
    const owner = (label: string, input: string) =>
      out.lines.find((line) => line.label === label && line.input === input);
    expect(owner('Shift > ModelSamplingAuraFlow (5)', 'shift')).toMatchObject({ commit: first, text: '3' });
    expect(owner('CLIPTextEncode "positive" (2)', 'text')).toMatchObject({ commit: long });
    expect(owner('CheckpointLoaderSimple (1)', 'ckpt_name')).toMatchObject({ commit: first });
  });
});
