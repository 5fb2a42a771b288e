import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import type { Json } from '../../src/base/json.ts';
import { canonicalJson } from '../../src/base/json-text.ts';
import { catalogFromJson, defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { editsToPatch } from '../../src/core/edit/compile.ts';
import { diffByIds, diffWorkflows } from '../../src/core/edit/diff.ts';
import type { Edit } from '../../src/core/edit/edit.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import { blame } from '../../src/porcelain/blame.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { type Context, openContext } from '../../src/porcelain/context.ts';
import { type FsckOutput, fsck } from '../../src/porcelain/fsck.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { revert } from '../../src/porcelain/pick.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { renamed } from '../core/edit/renumbered.ts';
import { apiGraph, apiWith, uiGraph } from './samples.ts';
import { type Temp, tempDir, tempRepo } from './temp.ts';

const setValue = (t: Temp, address: string, value: string) =>
  set.run(t.ctx, { file: 'a.json', values: [{ address, value }] });
const codes = ({ findings }: FsckOutput): string[] => findings.map(({ code, severity }) => `${severity} ${code}`);

async function start(): Promise<Temp> {
  const t = await tempRepo({ '.cwfrc': '{ "durability": "normal" }', 'a.json': apiGraph(), 'ui.json': uiGraph() });
  await commit.run(t.ctx, { message: 'start' });
  await setValue(t, '3.steps', '30');
  return t;
}

/** Replaces the last commit by one with another message, made with cwf's own dates. */
function remessage(t: Temp, change: (message: string) => string): string {
  const raw = t.git('cat-file', 'commit', 'HEAD');
  const at = raw.indexOf('\n\n');
  writeFileSync(join(t.dir, '.git/c'), raw.slice(0, at + 2) + change(raw.slice(at + 2)));
  const oid = t.git('hash-object', '-t', 'commit', '-w', '.git/c').trim();
  t.git('update-ref', 'HEAD', oid);
  return oid;
}

describe('fsck', () => {
  it('[RP-12] replays every patch from the root: merges, reverts, renames, long patches, plain git in between', async () => {
    const t = await start();
    await switchTo.run(t.ctx, { target: 'side', create: true });
    await setValue(t, '3.cfg', '5');
    await switchTo.run(t.ctx, { target: 'main' });
    await setValue(t, '3.seed', '7');
    await merge.run(t.ctx, { rev: 'side' });
    await revert.run(t.ctx, { revs: ['HEAD~1'] });
    const graph = uiGraph();
    (graph.nodes[1] as { widgets_values: Json[] }).widgets_values = ['long '.repeat(3000)];
    t.write('ui.json', graph);
    await commit.run(t.ctx, {});
    t.git('mv', '-f', 'ui.json', 'moved.json');
    await commit.run(t.ctx, {});
    t.write('a.json', apiWith('3', 'steps', 3));
    t.git('commit', '-qam', 'plain');
    await commit.run(t.ctx, {}).catch(() => undefined);
    t.git('rm', '-qf', 'moved.json');
    await commit.run(t.ctx, {});
    const out = await fsck.run(t.ctx, {});
    expect(out.findings).toEqual([]);
    expect(out).toMatchObject({ commits: 10, derived: 1 });
    expect(out.replayed).toBe(11);
  });

  it('[RP-12] takes the digest of a long patch by matched nodes, and as older commits have it: by ids', async () => {
    const long = apiWith('6', 'text', 'long '.repeat(3000));
    const copy = renamed(long, (id) => String(Number(id) + 100));
    const t = await tempRepo({ '.cwfrc': '{ "durability": "normal" }', 'a.json': apiGraph() });
    await commit.run(t.ctx, {});
    t.write('a.json', copy);
    await commit.run(t.ctx, {});
    expect((await fsck.run(await t.open(), {})).findings).toEqual([]);
    const read = (json: Json) => readWorkflow(json, { catalog: defaultCatalog(), source: 'a.json' });
    const [a, b] = [read(apiGraph()), read(copy)];
    const digest = (edits: readonly Edit[]) => sha256(canonicalJson(editsToPatch(edits, a) as unknown as Json));
    expect(t.git('log', '-1', '--format=%B')).toContain(digest(diffWorkflows(a, b)));
    remessage(t, (message) => message.replace(digest(diffWorkflows(a, b)), digest(diffByIds(a, b))));
    expect((await fsck.run(await t.open(), {})).findings).toEqual([]);
    remessage(t, (message) => message.replace(digest(diffByIds(a, b)), 'f'.repeat(64)));
    expect(codes(await fsck.run(await t.open(), {}))).toEqual(['error REPLAY_MISMATCH']);
  });

  it('names commit, file and first differing path of a patch that lies', async () => {
    const t = await start();
    const oid = remessage(t, (message) => message.replace('"value":30', '"value":31'));
    const out = await fsck.run(t.ctx, {});
    expect(codes(out)).toEqual(['error REPLAY_MISMATCH']);
    expect(out.findings[0]!.where).toBe(`${oid}:a.json`);
    expect(out.findings[0]!.message).toContain('/nodes/3/widgets/steps');
  });

  it('finds a wrong graph digest, a patch that cannot be read or applied, and a change no trailer names', async () => {
    const t = await start();
    remessage(t, (message) => message.replace(/^Cwf-Graph: ./m, 'Cwf-Graph: -'));
    expect(codes(await fsck.run(t.ctx, {}))).toEqual(['error GRAPH_MISMATCH']);
    const u = await start();
    remessage(u, (message) => message.replace('Cwf-Patch: {', 'Cwf-Patch: {{'));
    expect(codes(await fsck.run(u.ctx, {}))).toContain('error PATCH_UNREADABLE');
    const v = await start();
    remessage(v, (message) => message.replace('"op":"test","path":"/nodes/3', '"op":"test","path":"/nodes/33'));
    expect(codes(await fsck.run(v.ctx, {}))).toEqual(['error REPLAY_MISMATCH']);
    const w = await start();
    remessage(w, (message) => message.replace(/^Cwf-Patch: .*\n/m, ''));
    expect(codes(await fsck.run(w.ctx, {}))).toEqual(['error PATCH_MISSING']);
    const x = await start();
    remessage(x, (message) => message.replace(/"patch":\[.*\]/m, `"sha256":"${'0'.repeat(64)}"`));
    expect(codes(await fsck.run(x.ctx, {}))).toEqual(['error REPLAY_MISMATCH']);
    const y = await start();
    remessage(y, (message) => message.replace(/"file":"a.json","patch":\[.*\]/m, `"added":true,"file":"a.json"`));
    expect(codes(await fsck.run(y.ctx, {}))).toEqual(['error REPLAY_MISMATCH']);
  });

  it('takes a commit that plain git rewrote for a warning, with the way out', async () => {
    const t = await start();
    t.write('a.json', apiWith('3', 'steps', 44));
    t.git('commit', '-qa', '--amend', '--date=2020-01-01T00:00:00Z', '--no-edit');
    const out = await fsck.run(t.ctx, {});
    expect(new Set(codes(out))).toEqual(new Set(['warning REWRITTEN']));
    expect(out.findings[0]!.hint).toContain('git');
  });

  it('says of a commit made with another catalog only what it can know', async () => {
    const t = await start();
    const other = (message: string): string => message.replace(/^Cwf-Catalog: .*$/m, `Cwf-Catalog: ${'1'.repeat(64)}`);
    remessage(t, other);
    expect((await fsck.run(t.ctx, {})).findings).toEqual([]);
    remessage(t, (message) => message.replace('"value":30', '"value":31'));
    expect(codes(await fsck.run(t.ctx, {}))).toEqual(['warning REPLAY_OTHER_CATALOG']);
  });

  it('[RP-13] replays a commit of other node definitions with those, which the repository keeps', async () => {
    const t = await tempRepo({ 'ui.json': uiGraph() });
    const nodes = defaultCatalog().toJson() as { nodes: Record<string, Json> };
    const older = catalogFromJson({
      engine: 'older',
      nodes: { ...nodes.nodes, CheckpointLoaderSimple: { in: [], out: [] } },
    });
    const then: Context = Object.create(t.ctx, {
      catalog: { value: older },
      loadCatalog: { value: async () => older },
    });
    await commit.run(then, { message: 'start' });
    const workflow = JSON.parse(t.read('ui.json')) as { nodes: { type: string; widgets_values?: Json[] }[] };
    workflow.nodes.find(({ type }) => type === 'CheckpointLoaderSimple')!.widgets_values![0] = 'b.safetensors';
    t.write('ui.json', workflow);
    await commit.run(then, {});
    // Without a name for it the value was recorded by its position.
    expect(t.git('log', '-1', '--format=%B')).toContain('/widgets/#0');
    const out = await fsck.run((await t.open()) as Context, {});
    expect(out).toMatchObject({ commits: 2, replayed: 2, findings: [] });
    t.git('update-ref', '-d', t.git('for-each-ref', '--format=%(refname)', 'refs/cwf/catalog').trim());
    expect(codes(await fsck.run(await t.open(), {}))).toContain('warning REPLAY_OTHER_CATALOG');
  });

  it('passes over the edge of a shallow clone', async () => {
    const t = await start();
    await setValue(t, '3.cfg', '3');
    const dir = join(tempDir(), 'clone');
    t.git('clone', '-q', '--depth', '2', `file://${t.dir}`, dir);
    const ctx = await openContext({ cwd: dir, env: t.ctx.env });
    expect(await fsck.run(ctx, {})).toMatchObject({ commits: 2, replayed: 1, findings: [] });
    const { lines } = await blame.run(ctx, { file: 'a.json' });
    expect(new Set(lines.map(({ commit }) => commit)).size).toBe(2);
  });

  it('reports damage first, and repairs what can be repaired', async () => {
    const t = await start();
    writeFileSync(join(t.dir, '.git/refs/heads/broken'), 'garbage\n');
    const out = await fsck.run(t.ctx, {});
    expect(out.findings.some(({ severity }) => severity === 'error')).toBe(true);
    expect(out.replayed).toBe(0);
  });
});
