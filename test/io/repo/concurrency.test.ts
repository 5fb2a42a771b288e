import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { Notes } from '../../../src/io/repo/notes.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { bundleProgram } from './bundle.ts';
import { bundleWriter, git, textOf } from './worker.ts';

let root = '';
let writer = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cwf-concurrency-'));
  writer = await bundleWriter(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const EACH = 40;

async function repository(name: string): Promise<{ dir: string; branch: string }> {
  const dir = join(root, name);
  mkdirSync(dir);
  await initRepo(dir);
  return { dir, branch: (await (await openRepo(dir)).head()).branch! };
}

/** A cwf process that makes EACH commits; resolves with the oids it acknowledged. */
async function startWriter(dir: string, name: string): Promise<string[]> {
  const child = spawn(process.execPath, [writer, dir, name, String(EACH)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const out = textOf(child.stdout);
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  return out().trim().split('\n');
}

/** Real git making EACH commits on the branch as scripts do: commit-tree, then update-ref with the old value. */
async function startGit(dir: string, branch: string): Promise<string[]> {
  const script = `
    for n in $(seq ${EACH}); do
      while :; do
        old=$(git rev-parse -q --verify ${branch}) || old=0000000000000000000000000000000000000000
        parent=; [ $old = 0000000000000000000000000000000000000000 ] || parent="-p $old"
        tree=$( { [ -z "$parent" ] || git ls-tree $old | grep -v "git.json"; printf '100644 blob %s\\tgit.json\\n' $(echo $n | git hash-object -w --stdin); } | git mktree)
        new=$(git commit-tree $tree $parent -m "git $n")
        git update-ref ${branch} $new $old 2>/dev/null && break
      done
      echo $new
    done`;
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'G',
    GIT_AUTHOR_EMAIL: 'g@b',
    GIT_COMMITTER_NAME: 'G',
    GIT_COMMITTER_EMAIL: 'g@b',
  };
  const child = spawn('sh', ['-c', script], { cwd: dir, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const out = textOf(child.stdout);
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  return out().trim().split('\n');
}

describe('many writers on one branch', () => {
  it('[NT-5] 3 of cwf and real git, 40 commits each: all 160 are reachable, and no note is lost', async () => {
    const { dir, branch } = await repository('writers');
    const names = ['one', 'two', 'three'];
    const made = await Promise.all([...names.map((name) => startWriter(dir, name)), startGit(dir, branch)]);
    const all = made.flat();
    expect(all).toHaveLength(4 * EACH);
    const reachable = new Set(git(dir, 'rev-list', branch).split('\n'));
    expect(all.filter((oid) => !reachable.has(oid))).toEqual([]);
    expect(reachable.size).toBe(4 * EACH);
    // Not only the commits: what each of them wrote is still in the tree.
    const repo = await openRepo(dir);
    const tree = await repo.listTree((await repo.readCommit((await repo.readRef(branch))!)).tree);
    expect([...tree.keys()].sort()).toEqual(['git.json', 'one.json', 'three.json', 'two.json']);
    const facts = new Map<string, number>();
    for await (const note of new Notes(repo, 'metrics').list()) {
      const fact = note.facts[0] as { metric: string };
      facts.set(fact.metric, (facts.get(fact.metric) ?? 0) + 1);
    }
    expect(Object.fromEntries(facts)).toEqual({ one: EACH, two: EACH, three: EACH });
    expect(git(dir, 'fsck', '--strict')).not.toMatch(/error|missing|corrupt/);
    const operations: string[] = [];
    for await (const operation of repo.operations()) operations.push(operation.command);
    expect(operations.filter((command) => command === 'commit')).toHaveLength(3 * EACH);
  }, 120_000);
});

/** A process that takes the lock of a ref, says so and holds it until it is killed. */
function bundleHolder(): Promise<string> {
  return bundleProgram(
    root,
    'holder',
    `import { takeLock } from './src/io/repo/locks.ts';
     const [cwfDir, path] = process.argv.slice(2);
     const held = await takeLock(cwfDir, path, 'it');
     process.stdout.write('held\\n');
     setTimeout(() => { held.release(); process.exit(0); }, 1000);`,
  );
}

/** Makes one commit on the branch and returns its oid. */
async function commitOnce(dir: string, branch: string, timestamp = Math.floor(Date.now() / 1000)): Promise<string> {
  const repo = await openRepo(dir);
  const who = { name: 'A', email: 'a@example.org', timestamp, offset: 0 };
  return repo.transaction({ command: 'commit', actor: 'person' }, async (tx) => {
    const tip = (await repo.readRef(branch)) ?? null;
    const tree = await tx.writeTree(undefined, new Map());
    const parents = tip === null ? [] : [tip];
    const oid = await tx.writeCommit({ tree, parents, message: 'x\n', author: who, committer: who });
    tx.setRef(branch, oid, tip);
    return oid;
  });
}

describe('locks', () => {
  let holder = '';
  beforeAll(async () => {
    holder = await bundleHolder();
  });

  async function hold(dir: string, path: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [holder, join(dir, '.git/cwf'), join(dir, '.git', path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  }

  it.each(['refs/heads/main.lock', 'cwf/transaction.lock'])(
    'a stopped holder of %s is waited for, never robbed',
    async (lock) => {
      const { dir, branch } = await repository(`stopped-${lock.replaceAll('/', '-')}`);
      const child = await hold(dir, lock);
      child.kill('SIGSTOP');
      const made = commitOnce(dir, branch);
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(await (await openRepo(dir)).readRef(branch)).toBeUndefined();
      expect(existsSync(join(dir, '.git', lock))).toBe(true);
      child.kill('SIGCONT');
      const oid = await made;
      expect(git(dir, 'rev-parse', branch)).toBe(oid);
    },
  );

  it.each(['refs/heads/main.lock', 'cwf/transaction.lock'])(
    '[C3-49] the lock %s of a killed process is broken by the next one',
    async (lock) => {
      const { dir, branch } = await repository(`dead-${lock.replaceAll('/', '-')}`);
      const child = await hold(dir, lock);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(existsSync(join(dir, '.git', lock))).toBe(true);
      const oids = await Promise.allSettled([commitOnce(dir, branch), commitOnce(dir, branch)]);
      expect(oids.map((o) => (o.status === 'rejected' ? o.reason.code : 'made')).sort()).toContain('made');
      expect(git(dir, 'fsck', '--strict')).not.toMatch(/error/);
      expect(existsSync(join(dir, '.git', lock))).toBe(false);
    },
  );

  it('[C3-49] the lock of another program is named, never broken', async () => {
    const { dir, branch } = await repository('foreign');
    const lock = join(dir, '.git/refs/heads/main.lock');
    writeFileSync(lock, '');
    await expect(commitOnce(dir, branch)).rejects.toMatchObject({ code: 'REF_LOCKED', data: { lock } });
    expect(existsSync(lock)).toBe(true);
    expect(await (await openRepo(dir)).readRef(branch)).toBeUndefined();
  });
});

describe('a clock that goes backwards', () => {
  it('changes neither history, nor merge bases, nor the order of the operation log', async () => {
    const { dir, branch } = await repository('clock');
    const oids: string[] = [];
    for (let n = 0; n < 6; n++) oids.push(await commitOnce(dir, branch, 1_700_000_000 - n * 1_000_000));
    const repo = await openRepo(dir);
    const walked: string[] = [];
    for await (const { oid } of repo.walk([oids[5]!])) walked.push(oid);
    expect(walked).toEqual([...oids].reverse());
    expect(await repo.mergeBases(oids[2]!, oids[5]!)).toEqual([oids[2]]);
    const moves: unknown[] = [];
    for await (const operation of repo.operations()) moves.push(operation.refs.find((r) => r.ref === branch)?.new);
    expect(moves).toEqual([...oids].reverse());
  });

  it('of more than a day still leaves ancestors ancestors', async () => {
    const { dir, branch } = await repository('clock-day');
    const first = await commitOnce(dir, branch, 1_700_000_000);
    await commitOnce(dir, branch, 1_600_000_000);
    const last = await commitOnce(dir, branch, 1_700_000_001);
    expect(await (await openRepo(dir)).isAncestor(first, last)).toBe(true);
  });
});
