import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { blame } from '../../src/porcelain/blame.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { diff } from '../../src/porcelain/diff.ts';
import { fsck } from '../../src/porcelain/fsck.ts';
import { log } from '../../src/porcelain/log.ts';
import { set } from '../../src/porcelain/set.ts';
import { chain, renamed } from '../core/edit/renumbered.ts';
import { apiGraph } from './samples.ts';
import { type Temp, tempRepo } from './temp.ts';

const plus100 = (id: string): string => String(Number(id) + 100);

async function committed(...versions: readonly Json[]): Promise<{ t: Temp; oids: string[] }> {
  const t = await tempRepo({ '.cwfrc': '{ "durability": "normal" }' });
  const oids: string[] = [];
  for (const version of versions) {
    t.write('a.json', version);
    oids.push((await commit.run(t.ctx, {})).oid!);
  }
  return { t, oids };
}

describe('a renumbered file', () => {
  it('[PT-6] is no graph change to diff, and its commit replays', async () => {
    const { t } = await committed(apiGraph(), renamed(apiGraph(), plus100));
    const out = await diff.run(t.ctx, { words: ['HEAD~1', 'HEAD'], view: 'patch' });
    expect(out.graphChanged).toBe(false);
    expect(out.files).toMatchObject([{ file: 'a.json', kind: 'changed', graph: 0, presentation: 1 }]);
    expect(out.files[0]!.lines).toMatchObject([
      { presentation: true, text: 'new ids of nodes: 3 -> 103, 4 -> 104, 5 -> 105 and 4 more' },
    ]);
    expect(out.files[0]!.patch!.filter(({ op }) => op === 'move')).toHaveLength(7);
    expect((await log.run(t.ctx, { limit: 1 })).commits[0]!.subject).toBe('7 new ids');
    expect(await fsck.run(await t.open(), {})).toMatchObject({ findings: [], replayed: 2 });
  });

  it('[PT-6] does not hide from blame who set a value', async () => {
    const { t, oids } = await committed(apiGraph(), renamed(apiGraph(), plus100));
    const tuned = (await set.run(t.ctx, { file: 'a.json', values: [{ address: '103.steps', value: '30' }] })).oid!;
    for (const snapshots of [false, true]) {
      const out = await blame.run(await t.open(), { file: 'a.json', snapshots });
      const owner = (pointer: string) => out.lines.find((line) => line.pointer === pointer)?.commit;
      expect(owner('/nodes/103/widgets/steps')).toBe(tuned);
      expect(new Set(out.lines.filter(({ commit: oid }) => oid !== tuned).map(({ commit: oid }) => oid))).toEqual(
        new Set([oids[0]]),
      );
    }
  });
});

describe('nodes wrapped into a subgraph', () => {
  it('[MA-3] are one line of diff, as data too, and their commit replays', async () => {
    const { t } = await committed(chain(false), chain(true, 30));
    const [file] = (await diff.run(t.ctx, { words: ['HEAD~1', 'HEAD'] })).files;
    expect(file!.graph).toBe(2);
    expect(file!.lines.filter(({ presentation }) => !presentation)).toMatchObject([
      { text: 'wrapped 2 nodes into subgraph Refine (5)', wrap: { direction: 'wrap', name: 'Refine' } },
      { text: 'Refine > First (2): #0 20 -> 30', way: [{ name: 'Refine', instance: '5' }] },
    ]);
    const [newest] = (await log.run(t.ctx, { limit: 1 })).commits;
    expect(newest!.subject).toBe('wrapped 2 nodes into subgraph Refine (5) and 1 more edit');
    expect((await fsck.run(await t.open(), {})).findings).toEqual([]);
  });

  it('[MA-3] keep who set their values, there and back', async () => {
    const { t, oids } = await committed(chain(false), chain(true, 30), chain(false, 30));
    const at = async (rev: string) =>
      new Map((await blame.run(t.ctx, { file: 'a.json', rev })).lines.map((line) => [line.pointer, line.commit]));
    const inside = await at('HEAD~1');
    const scope = [...inside.keys()].find((pointer) => pointer.startsWith('/subgraphs/'))!.split('/')[2];
    expect(inside.get(`/subgraphs/${scope}/nodes/2/widgets/#0`)).toBe(oids[1]);
    expect(inside.get(`/subgraphs/${scope}/nodes/3/widgets/#0`)).toBe(oids[0]);
    const outside = await at('HEAD');
    expect(outside.get('/nodes/2/widgets/#0')).toBe(oids[1]);
    expect(outside.get('/nodes/3/widgets/#0')).toBe(oids[0]);
  });
});
