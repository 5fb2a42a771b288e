import { chmodSync, readFileSync, symlinkSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { outputPath } from '../../src/io/outputs/place.ts';
import { readPointer } from '../../src/io/outputs/pointer.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { fsck } from '../../src/porcelain/fsck.ts';
import { noteAdd } from '../../src/porcelain/note.ts';
import { outputAdd, outputExport, outputGc, outputLs, outputVerify } from '../../src/porcelain/output.ts';
import { outputsOf } from '../../src/porcelain/output-names.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { picture } from '../io/outputs/samples.ts';
import { apiGraph } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

/** A repository of one commit with the files given. */
async function repo(files: Record<string, string | Uint8Array>, config = '{}'): Promise<Temp> {
  const temp = await tempRepo({ '.cwfrc': config, 'a.json': apiGraph(), ...files });
  await commit.run(temp.ctx, { message: 'one' });
  return temp;
}

/** Makes an output older than garbage collection's patience. */
function age(temp: Temp, id: string, days = 1): void {
  const at = temp.ctx.now() / 1000 - days * 86_400;
  utimesSync(outputPath(outputsOf(temp.ctx), id), at, at);
}

describe('outputs', () => {
  it('[OU-1] lie beside git: no status, no tree and no clone knows them', async () => {
    const temp = await repo({ 'x.png': await picture(40, 30) });
    const added = await outputAdd.run(temp.ctx, { file: 'x.png', rev: 'HEAD' });
    expect(added).toMatchObject({ type: 'image/png', width: 40, height: 30, frames: 1 });
    expect(temp.exists(`.git/cwf/outputs/${added.id.slice(0, 2)}/${added.id}`)).toBe(true);
    expect(temp.git('ls-files')).toBe('a.json\n');
    expect(temp.git('fsck', '--strict')).toBe('');
    expect(temp.git('ls-tree', '-r', 'refs/notes/cwf/runs').split('\n')).toHaveLength(2);
    const fact = JSON.parse(temp.git('notes', '--ref=cwf/runs', 'show', 'HEAD'));
    expect(fact).toMatchObject({ actor: 'person', output: `sha256:${added.id}`, size: added.size, type: 'image/png' });
  });

  it('[OU-2] that a dead process was writing are found by fsck', async () => {
    const temp = await repo({ 'x.bin': 'x' });
    await outputAdd.run(temp.ctx, { file: 'x.bin' });
    const path = '.git/cwf/tmp/output_1_1';
    temp.write(path, 'half');
    utimesSync(join(temp.dir, path), 1e9, 1e9);
    const { findings } = await fsck.run(temp.ctx, { repair: true });
    expect(findings).toMatchObject([{ code: 'LEFT_OVER', repaired: 'removed' }]);
    expect(temp.exists(path)).toBe(false);
    expect((await outputVerify.run(temp.ctx, {})).checked).toBe(1);
  });

  it('[OU-9] are listed with the commits whose notes name them', async () => {
    const temp = await repo({ 'x.bin': 'x', 'y.bin': 'y' });
    const x = await outputAdd.run(temp.ctx, { file: 'x.bin', rev: 'HEAD' });
    const y = await outputAdd.run(temp.ctx, { file: 'y.bin' });
    const head = temp.git('rev-parse', 'HEAD').trim();
    const listed = (await outputLs.run(temp.ctx, {})).outputs;
    expect(listed.map(({ id, commits }) => [id, commits])).toEqual(
      expect.arrayContaining([
        [x.id, [head]],
        [y.id, []],
      ]),
    );
    // A text of a person that holds the hash names it as well; of an output elsewhere it is told.
    const elsewhere = 'ab'.repeat(32);
    await noteAdd.run(temp.ctx, { text: `best is ${y.id}, not ${elsewhere}` });
    const ofHead = await outputLs.run(temp.ctx, { rev: 'HEAD' });
    expect(ofHead.outputs.map(({ id }) => id).sort()).toEqual([x.id, y.id].sort());
    expect(ofHead.missing).toEqual([elsewhere]);
  });

  it('are added once, by undo un-noted, and with --dry-run only weighed', async () => {
    const temp = await repo({ 'x.bin': 'x' });
    const weighed = await outputAdd.run(temp.ctx, { file: 'x.bin', rev: 'HEAD', dryRun: true });
    expect(temp.exists('.git/cwf/outputs')).toBe(false);
    const added = await outputAdd.run(temp.ctx, { file: 'x.bin', rev: 'HEAD' });
    expect(weighed).toMatchObject({ id: added.id, size: 1, type: added.type });
    await undo.run(temp.ctx, {});
    expect((await outputLs.run(temp.ctx, {})).outputs).toMatchObject([{ id: added.id, commits: [] }]);
    await failure('FILE_NOT_FOUND', outputAdd.run(temp.ctx, { file: 'nope.png' }));
    await failure('FILE_UNREADABLE', outputAdd.run(temp.ctx, { file: '.' }));
    symlinkSync('x.bin', join(temp.dir, 'link'));
    expect((await outputAdd.run(temp.ctx, { file: 'link' })).id).toBe(added.id);
  });

  it('[OU-6, OU-7] are exported as bytes, pointers or thumbnails', async () => {
    const temp = await repo({ 'x.png': await picture(600, 300) });
    const { id, size } = await outputAdd.run(temp.ctx, { file: 'x.png' });
    const word = `sha256:${id.slice(0, 10)}`;
    await outputExport.run(temp.ctx, { output: word, to: 'copy.png' });
    expect(readFileSync(join(temp.dir, 'copy.png')).equals(readFileSync(join(temp.dir, 'x.png')))).toBe(true);
    const pointing = await temp.open();
    const withPointers = {
      ...pointing,
      config: { ...pointing.config, outputs: { ...pointing.config.outputs, pointers: true } },
    };
    Object.defineProperty(withPointers, 'repo', { value: pointing.repo });
    expect((await outputExport.run(withPointers, { output: word, to: 'p.png' })).form).toBe('pointer');
    expect(readPointer(temp.read('p.png'))).toEqual({ id, size });
    await outputExport.run(temp.ctx, { output: word, to: 't.webp', form: 'thumbnail' });
    expect(temp.read('t.webp').slice(0, 4)).toBe('RIFF');
    await failure('FILE_EXISTS', outputExport.run(temp.ctx, { output: word, to: 't.webp' }));
    await failure('OUTPUT_FILE_NOT_FOUND', outputExport.run(temp.ctx, { output: 'sha256:00', to: 'u' }));
    await failure('OUTPUT_FILE_NOT_FOUND', outputExport.run(temp.ctx, { output: '../../config', to: 'u' }));
  });

  it('[OU-9] are named by four digits or more that only one of them has', async () => {
    const temp = await repo({});
    const seen = new Map<string, string>();
    let twins: [string, string] | undefined;
    for (let i = 0; twins === undefined; i++) {
      const start = sha256(String(i)).slice(0, 4);
      const other = seen.get(start);
      if (other !== undefined) twins = [other, String(i)];
      seen.set(start, String(i));
    }
    for (const [i, text] of twins.entries()) {
      temp.write(`${i}.bin`, text);
      await outputAdd.run(temp.ctx, { file: `${i}.bin` });
    }
    const ids = twins.map((text) => sha256(text));
    const short = `sha256:${ids[0]!.slice(0, 4)}`;
    const error = await failure('OUTPUT_AMBIGUOUS', outputExport.run(temp.ctx, { output: short, to: 'u' }));
    for (const id of ids) expect(error.message).toContain(id.slice(0, 16));
    await failure('OUTPUT_FILE_NOT_FOUND', outputExport.run(temp.ctx, { output: short.slice(0, -1), to: 'u' }));
    for (const [i, id] of ids.entries()) {
      const out = await outputExport.run(temp.ctx, { output: id.slice(0, 12), to: `u${i}` });
      expect(out.id).toBe(id);
    }
  });

  it('[OU-3] are verified one by one, damage named with its commits', async () => {
    const temp = await repo({ 'x.bin': 'xxxx', 'y.bin': 'y' });
    const { id } = await outputAdd.run(temp.ctx, { file: 'x.bin', rev: 'HEAD' });
    await outputAdd.run(temp.ctx, { file: 'y.bin' });
    expect(await outputVerify.run(temp.ctx, {})).toEqual({ checked: 2, damaged: [] });
    chmodSync(outputPath(outputsOf(temp.ctx), id), 0o644);
    truncateSync(outputPath(outputsOf(temp.ctx), id), 2);
    const commits = [temp.git('rev-parse', 'HEAD').trim()];
    expect((await outputVerify.run(temp.ctx, {})).damaged).toEqual([
      { id, size: 2, reason: 'its 2 bytes have another hash', commits },
    ]);
    await failure('OUTPUT_CORRUPT', outputExport.run(temp.ctx, { output: id, to: 'u' }));
    await outputAdd.run(temp.ctx, { file: 'x.bin' });
    expect((await outputVerify.run(temp.ctx, {})).damaged).toEqual([]);
  });

  it('[OU-8] are collected by the settings of .cwfrc: what a note of any kind or a pointer names stays', async () => {
    const config = '{"outputs": {"keep": "noted"}}';
    const names = ['run', 'text', 'git', 'pointer', 'free', 'young'];
    const temp = await repo(Object.fromEntries(names.map((name) => [`${name}.bin`, name])), config);
    const ids: Record<string, string> = {};
    for (const name of names) {
      const rev = name === 'run' ? { rev: 'HEAD' } : {};
      ids[name] = (await outputAdd.run(temp.ctx, { file: `${name}.bin`, ...rev })).id;
      if (name !== 'young') age(temp, ids[name]);
      else utimesSync(outputPath(outputsOf(temp.ctx), ids[name]), temp.ctx.now() / 1000, temp.ctx.now() / 1000);
    }
    await noteAdd.run(temp.ctx, { text: `look at ${ids['text']}` });
    temp.git('notes', '--ref=mine', 'add', '-m', `sha256:${ids['git']} is good`, 'HEAD');
    await outputExport.run(temp.ctx, { output: ids['pointer']!, to: 'p', form: 'pointer' });
    const dry = await outputGc.run(temp.ctx, { dryRun: true });
    expect(dry.dropped.map(({ id }) => id)).toEqual([ids['free']]);
    expect((await outputGc.run(temp.ctx, { keep: 'all' })).dropped).toEqual([]);
    expect((await outputGc.run(temp.ctx, {})).dropped.map(({ id }) => id)).toEqual([ids['free']]);
    expect((await outputLs.run(temp.ctx, {})).outputs).toHaveLength(5);
    const tight = await outputGc.run(temp.ctx, { maxGb: 1e-9 });
    expect(tight).toMatchObject({ dropped: [], kept: { count: 5 } });
    expect(tight.over).toBeGreaterThan(0);
    const all = await outputGc.run(temp.ctx, { maxGb: 1e-9, evenNoted: true });
    expect(all.dropped.map(({ id }) => id).sort()).toEqual(
      ['run', 'text', 'git', 'pointer'].map((name) => ids[name]!).sort(),
    );
  });

  it.each(['{"outputs": {"keep": "some"}}', '{"outputs": {"max_gb": -1}}', '{"outputs": {"size": 1}}'])(
    '[OU-8] settings that are none are named: %s',
    async (config) => {
      const temp = await tempRepo();
      temp.write('.cwfrc', config);
      expect((await failure('CONFIG_INVALID', temp.open())).message).toContain('outputs');
    },
  );
});
