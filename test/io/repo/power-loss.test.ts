import { readFileSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { FOLD_AT } from '../../../src/io/repo/operations.ts';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { FATES, type LossyDisk } from './lossy-disk.ts';
import { commitOn, moveRef, newRepo, place } from './place.ts';
import { commitFiles, fsck, META, stage } from './scratch.ts';
import { git } from './worker.ts';

const watched = vi.hoisted((): { disk?: LossyDisk } => ({}));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const { LossyDisk } = await vi.importActual<typeof import('./lossy-disk.ts')>('./lossy-disk.ts');
  watched.disk = new LossyDisk(real);
  const mocked = watched.disk.fs();
  return { ...mocked, default: mocked };
});

const { root, next } = place('power-loss');
const MAIN = 'refs/heads/main';
const AFTER = { boot: 'the next start' };
let start = '';
let copies = 0;

beforeAll(async () => {
  start = next();
  const repo = await newRepo(start, {});
  const oid = await commitOn(repo, MAIN, { text: 'one\n' });
  await moveRef(repo, 'refs/heads/gone', oid, null);
  git(start, 'pack-refs', '--all');
  git(start, 'reset', '-q', '--hard');
});

interface Story {
  /** What happens before the cut; returns what was acknowledged: refs with their values (null: deleted). */
  run(repo: Repo, dir: string): Promise<Record<string, string | null>>;
  readonly files?: Record<string, string>;
}

const STORIES: Record<string, Story> = {
  'a commit': { run: async (repo) => ({ [MAIN]: await commitOn(repo, MAIN) }) },
  'three commits and a branch': {
    run: async (repo) => {
      await commitOn(repo, MAIN);
      const two = await commitOn(repo, MAIN);
      await moveRef(repo, 'refs/heads/new/branch', two, null);
      return { [MAIN]: await commitOn(repo, MAIN), 'refs/heads/new/branch': two };
    },
  },
  'a branch deleted': {
    run: async (repo) => {
      await moveRef(repo, 'refs/heads/gone', null, (await repo.readRef('refs/heads/gone'))!);
      return { 'refs/heads/gone': null };
    },
  },
  'a working file written': {
    run: (repo) =>
      repo.transaction(META, async (tx) => {
        const oid = await stage(repo, tx, { 'a.json': 'two\n' });
        tx.writeFile('a.json', Buffer.from('two\n'));
        return { [MAIN]: oid };
      }),
    files: { 'a.json': 'two\n' },
  },
  'a branch made and switched to': {
    run: async (repo) => {
      const oid = (await repo.readRef(MAIN))!;
      await repo.transaction({ command: 'switch', actor: 'person' }, async (tx) => {
        tx.setRef('refs/heads/side', oid, null);
        tx.setHead({ branch: 'refs/heads/side' });
      });
      return { 'refs/heads/side': await commitFiles(repo, { 'b.json': '1\n' }), [MAIN]: oid };
    },
  },
  'more operations than the journal holds': {
    run: async (repo) => {
      let oid = '';
      for (let n = 0; n < FOLD_AT + 3; n++) oid = await commitOn(repo, MAIN, { text: `${n}\n` });
      return { [MAIN]: oid };
    },
  },
  notes: {
    run: async (repo) => {
      const oid = await commitOn(repo, MAIN);
      await repo.transaction({ command: 'note', actor: 'person' }, async (tx) => tx.addNote('metrics', oid, '{"a":1}'));
      return { [MAIN]: oid, 'refs/notes/cwf/metrics': (await repo.readRef('refs/notes/cwf/metrics'))! };
    },
  },
  "git's commit on top": {
    run: async (repo, dir) => {
      await commitFiles(repo, { 'b.json': '1\n' });
      git(dir, 'commit', '-q', '--allow-empty', '-m', 'by git');
      return { [MAIN]: git(dir, 'rev-parse', 'HEAD') };
    },
  },
  'a commit taken back with git': {
    run: async (repo, dir) => {
      const before = git(dir, 'rev-parse', 'HEAD');
      await commitFiles(repo, { 'b.json': '1\n' });
      git(dir, 'reset', '-q', '--hard', before);
      return { [MAIN]: before };
    },
  },
};

async function live(story: Story): Promise<{ dir: string; told: Record<string, string | null> }> {
  const dir = join(root, `live-${copies++}`);
  await cp(start, dir, { recursive: true, preserveTimestamps: true });
  const repo = await openRepo(dir);
  watched.disk!.start();
  const told = await story.run(repo, dir);
  watched.disk!.isOn = false;
  return { dir, told };
}

async function afterCut(dir: string, fate: string): Promise<string> {
  const lost = join(root, `lost-${copies++}`);
  await cp(dir, lost, { recursive: true, preserveTimestamps: true });
  watched.disk!.cut(dir, lost, FATES[fate]!());
  return lost;
}

describe('a power cut', () => {
  it.each(Object.keys(STORIES))(
    '[OP-7] [RP-3] [RP-4] after %s: what was acknowledged is there',
    async (name) => {
      const story = STORIES[name]!;
      const { dir, told } = await live(story);
      for (const fate of Object.keys(FATES)) {
        const lost = await afterCut(dir, fate);
        const repo = await openRepo(lost, AFTER);
        for (const [ref, oid] of Object.entries(told))
          expect((await repo.readRef(ref)) ?? null, `${fate}: ${ref}`).toBe(oid);
        expect(fsck(lost), fate).toBe('');
        for (const [file, text] of Object.entries(story.files ?? {}))
          expect(readFileSync(join(lost, file), 'utf8'), fate).toBe(text);
        // Work goes on, and once folded nothing hangs on the journal.
        const more = await commitOn(repo, MAIN);
        expect(git(lost, 'rev-parse', MAIN)).toBe(more);
        rmSync(lost, { recursive: true });
      }
    },
    120_000,
  );

  it('[OP-2] [OP-7] in the middle of a change: all of it or nothing', async () => {
    const seen = new Set<string>();
    for (let dies = 1; ; dies++) {
      let step = 0;
      const dir = join(root, `live-${copies++}`);
      await cp(start, dir, { recursive: true, preserveTimestamps: true });
      const faults = (): void => {
        if (++step >= dies) throw Object.assign(new Error('EIO: power'), { code: 'EIO', syscall: 'write' });
      };
      const repo = await openRepo(dir, { faults });
      const tip = (await repo.readRef(MAIN))!;
      watched.disk!.start();
      const done = await repo
        .transaction(META, async (tx) => {
          const oid = await stage(repo, tx, { 'a.json': 'two\n' });
          tx.setRef('refs/heads/gone', oid, tip);
          tx.setRef('refs/heads/new', oid, null);
          return oid;
        })
        .catch(() => undefined);
      watched.disk!.isOn = false;
      for (const fate of Object.keys(FATES)) {
        const lost = await afterCut(dir, fate);
        const again = await openRepo(lost, AFTER);
        const values = await Promise.all([MAIN, 'refs/heads/gone', 'refs/heads/new'].map((ref) => again.readRef(ref)));
        const isOld = values[0] === tip;
        expect(values, `${dies} ${fate}`).toEqual(isOld ? [tip, tip, undefined] : [values[0], values[0], values[0]]);
        if (done !== undefined) expect(values[0]).toBe(done);
        expect(fsck(lost), `${dies} ${fate}`).toBe('');
        seen.add(isOld ? 'old' : 'new');
        rmSync(lost, { recursive: true });
      }
      rmSync(dir, { recursive: true });
      if (step < dies) break;
    }
    expect([...seen].sort()).toEqual(['new', 'old']);
  }, 300_000);

  it('[OP-7] a branch that git moved back stays there, and one that git deleted stays away, at a start without a loss', async () => {
    const dir = join(root, `live-${copies++}`);
    await cp(start, dir, { recursive: true });
    const repo = await openRepo(dir);
    const one = (await repo.readRef(MAIN))!;
    const two = await commitOn(repo, MAIN);
    await moveRef(repo, 'refs/heads/new', two, null);
    git(dir, 'update-ref', MAIN, one);
    git(dir, 'branch', '-q', '-D', 'new');
    const again = await openRepo(dir, AFTER);
    expect(await again.readRef(MAIN)).toBe(one);
    expect(await again.readRef('refs/heads/new')).toBeUndefined();
  });
});
