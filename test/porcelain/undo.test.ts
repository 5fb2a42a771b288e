import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bisectStart } from '../../src/porcelain/bisect.ts';
import { branch } from '../../src/porcelain/branch.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { importFile } from '../../src/porcelain/import.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { noteAdd } from '../../src/porcelain/note.ts';
import { opLog, opRestore, opShow } from '../../src/porcelain/op.ts';
import { cherryPick, revert } from '../../src/porcelain/pick.ts';
import { restore } from '../../src/porcelain/restore.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { tag } from '../../src/porcelain/tag.ts';
import { redo, undo } from '../../src/porcelain/undo.ts';
import { apiGraph, apiWith, text } from './samples.ts';
import { failure, type Temp, tempDir, tempRepo } from './temp.ts';

/** All that undo must bring back: every ref but the operation log's, HEAD, the bytes of working files, git's index. */
async function stateOf(t: Temp): Promise<unknown> {
  const refs = (await t.ctx.repo.listRefs('refs/')).filter(({ ref }) => !ref.startsWith('refs/cwf/op/'));
  const files = readdirSync(t.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !join(entry.parentPath, '/').includes('/.git/'))
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')])
    .sort();
  return { refs, head: await t.ctx.repo.head(), files, index: t.git('ls-files', '-s') };
}

/** main: three commits and a new file that no commit has; side: one commit more on the first; a tag. */
async function start(): Promise<Temp> {
  const t = await tempRepo({ '.cwfrc': '{ "durability": "normal" }', 'a.json': apiGraph() });
  await commit.run(t.ctx, { message: 'start' });
  await switchTo.run(t.ctx, { target: 'side', create: true });
  await set.run(t.ctx, { file: 'a.json', values: [{ address: '5.width', value: '768' }] });
  await switchTo.run(t.ctx, { target: 'main' });
  await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.steps', value: '30' }] });
  await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.cfg', value: '5' }] });
  const ahead = (await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.seed', value: '3' }] })).oid!;
  await undo.run(t.ctx, {});
  await tag.run(t.ctx, { name: 'v1', message: 'one' });
  await branch.run(t.ctx, { name: 'other', start: 'HEAD~1' });
  await branch.run(t.ctx, { name: 'ahead', start: ahead });
  t.write('new.json', apiGraph());
  return t;
}

const VERBS: Record<string, (ctx: Context) => Promise<unknown>> = {
  commit: (ctx) => commit.run(ctx, { message: 'new' }),
  set: (ctx) => set.run(ctx, { file: 'a.json', values: [{ address: '3.seed', value: '7' }] }),
  import: (ctx) => {
    const source = join(tempDir(), 'outside.json');
    writeFileSync(source, text(apiWith('3', 'steps', 4)));
    return importFile.run(ctx, { source, as: 'imported.json' });
  },
  'note add': (ctx) => noteAdd.run(ctx, { metrics: { sharpness: 1 }, text: 'good' }),
  'switch -c': (ctx) => switchTo.run(ctx, { target: 'fresh', create: true }),
  switch: (ctx) => switchTo.run(ctx, { target: 'side' }),
  'switch --detach': (ctx) => switchTo.run(ctx, { target: 'HEAD~1', detach: true }),
  branch: (ctx) => branch.run(ctx, { name: 'more', start: 'HEAD~2' }),
  'branch -D': (ctx) => branch.run(ctx, { name: 'side', remove: 'force' }),
  'branch -m': (ctx) => branch.run(ctx, { name: 'main', rename: 'trunk' }),
  tag: (ctx) => tag.run(ctx, { name: 'v2', message: 'two' }),
  'tag -d': (ctx) => tag.run(ctx, { name: 'v1', remove: true }),
  merge: (ctx) => merge.run(ctx, { rev: 'side' }),
  'merge --ff-only': async (ctx) => merge.run(ctx, { rev: 'ahead', fastForward: 'only' }),
  revert: (ctx) => revert.run(ctx, { revs: ['HEAD~1'] }),
  'cherry-pick': (ctx) => cherryPick.run(ctx, { revs: ['side'] }),
  restore: (ctx) => restore.run(ctx, { files: ['a.json'], source: 'HEAD~2' }),
  'restore --input': (ctx) => restore.run(ctx, { files: ['a.json'], source: 'HEAD~2', inputs: ['3.steps'] }),
  'op restore': async (ctx) => {
    const { operations } = await opLog.run(ctx, {});
    return opRestore.run(ctx, { operation: operations.at(-3)!.id });
  },
  'bisect start': (ctx) => bisectStart.run(ctx, { bad: 'HEAD', good: ['HEAD~2'] }),
};

describe('undo and redo', () => {
  it.each(Object.keys(VERBS))(
    '[OP-6] takes back `%s` to the last byte, and repeats it, across restarts',
    async (name) => {
      const t = await start();
      const before = await stateOf(t);
      const { operations } = await opLog.run(t.ctx, {});
      await VERBS[name]!(t.ctx);
      const after = await stateOf(t);
      expect(after).not.toEqual(before);
      expect((await opLog.run(t.ctx, {})).operations.length).toBe(operations.length + 1);
      await undo.run(await t.open(), {});
      expect(await stateOf(t)).toEqual(before);
      await redo.run(await t.open(), {});
      expect(await stateOf(t)).toEqual(after);
      await undo.run(await t.open(), {});
      expect(await stateOf(t)).toEqual(before);
    },
  );

  it('chains like an editor: undo, undo, redo, and a new edit ends what can be redone', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, {});
    const states = [await stateOf(t)];
    for (const steps of ['1', '2', '3']) {
      await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.steps', value: steps }] });
      states.push(await stateOf(t));
    }
    const walk: ['undo' | 'redo', number][] = [
      ['undo', 2],
      ['undo', 1],
      ['redo', 2],
      ['undo', 1],
      ['undo', 0],
      ['redo', 1],
      ['redo', 2],
      ['redo', 3],
    ];
    for (const [verb, state] of walk) {
      await (verb === 'undo' ? undo : redo).run(await t.open(), {});
      expect(await stateOf(t)).toEqual(states[state]);
    }
    await failure('NOTHING_TO_UNDO', redo.run(t.ctx, {}));
    await undo.run(t.ctx, {});
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.cfg', value: '1' }] });
    await failure('NOTHING_TO_UNDO', redo.run(t.ctx, {}));
    for (let n = 0; n < 4; n++) await undo.run(t.ctx, {});
    expect((await t.ctx.repo.head()).oid).toBeUndefined();
    await failure('NOTHING_TO_UNDO', undo.run(t.ctx, {}));
    expect((await opLog.run(t.ctx, {})).operations.filter(({ undone }) => undone).length).toBe(5);
  });

  it('walks back through any session, step by step, and forward again', async () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const names = Object.keys(VERBS).filter((name) => name !== 'op restore');
    for (let session = 0; session < 3; session++) {
      const t = await start();
      const states = [await stateOf(t)];
      for (let n = 0; n < 10; n++) {
        await VERBS[names[random(names.length)]!]!(await t.open()).catch(() => undefined);
        const state = await stateOf(t);
        if (JSON.stringify(state) !== JSON.stringify(states.at(-1))) states.push(state);
      }
      for (const state of states.slice(0, -1).reverse()) {
        await undo.run(await t.open(), {});
        expect(await stateOf(t)).toEqual(state);
      }
      for (const state of states.slice(1)) {
        await redo.run(await t.open(), {});
        expect(await stateOf(t)).toEqual(state);
      }
    }
  });

  it('refuses to take back what something later built on, or what the user changed, with nothing changed', async () => {
    const t = await start();
    const { operations } = await opLog.run(t.ctx, {});
    const older = operations.find(({ command }) => command === 'set')!;
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.seed', value: '1' }] });
    const state = await stateOf(t);
    const stale = await failure('WORKTREE_CHANGED', undo.run(t.ctx, { operation: older.id }));
    expect(stale.hint).toContain('cwf undo');
    expect(await stateOf(t)).toEqual(state);
    t.write('a.json', apiWith('3', 'seed', 9));
    await failure('WORKTREE_CHANGED', undo.run(t.ctx, {}));
    await failure('OPERATION_NOT_FOUND', undo.run(t.ctx, { operation: 'ffff' }));
  });

  it('takes back one named operation that nothing later touched', async () => {
    const t = await start();
    const made = (await opLog.run(t.ctx, {})).operations.find(({ command }) => command === 'tag')!;
    await undo.run(t.ctx, { operation: made.id.slice(0, 12) });
    expect((await tag.run(t.ctx, {})).tags).toEqual([]);
    expect((await opShow.run(t.ctx, { operation: made.id.slice(0, 12) })).undone).toBe(true);
    await redo.run(t.ctx, {});
    expect((await tag.run(t.ctx, {})).tags.length).toBe(1);
  });

  it('shows what it would do, dry, and leaves commits of plain git in between alone', async () => {
    const t = await start();
    const state = await stateOf(t);
    const { operation } = await undo.run(t.ctx, { dryRun: true });
    expect(operation.command).toBe('branch');
    expect(await stateOf(t)).toEqual(state);
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.seed', value: '1' }] });
    t.git('commit', '-q', '--allow-empty', '-m', 'plain');
    // What cannot be done is refused dry, too.
    await failure('REF_STALE', undo.run(t.ctx, { dryRun: true }));
    await failure('REF_STALE', undo.run(t.ctx, {}));
    const [, , earlier] = (await opLog.run(t.ctx, {})).operations;
    await failure('REF_STALE', opRestore.run(t.ctx, { operation: earlier!.id, dryRun: true }));
  });

  it('lists operations page by page, whatever is done in between', async () => {
    const t = await start();
    const { operations, next: none } = await opLog.run(t.ctx, {});
    expect(none).toBeUndefined();
    const listed = [];
    for (let from: string | undefined; ; ) {
      const page = await opLog.run(t.ctx, { limit: 3, ...(from === undefined ? {} : { from }) });
      listed.push(...page.operations);
      await noteAdd.run(t.ctx, { text: `after ${listed.length}` });
      if (page.next === undefined) break;
      from = page.next;
    }
    expect(listed).toEqual(operations);
    await failure('OPERATION_NOT_FOUND', opLog.run(t.ctx, { from: 'f'.repeat(40) }));
  });
});
