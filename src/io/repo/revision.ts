import { CwfError } from '../../base/errors.ts';
import type { ObjectStore } from './objects.ts';
import { readRef } from './refs.ts';
import type { Commit, Oid } from './types.ts';

interface Source {
  readonly gitDir: string;
  readonly objects: ObjectStore;
  readCommit(oid: Oid): Promise<Commit>;
}

/** Refs a short name may mean, in git's order (gitrevisions); trials live below refs/cwf. */
const PLACES = ['', 'refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/', 'refs/cwf/'];

/**
 * The commit a revision names: HEAD, @, a branch, a tag (peeled), a full ref, an oid or its first four or more digits;
 * with `~n`, `^n`, `^{commit}` after it. Throws REV_NOT_FOUND, REV_AMBIGUOUS.
 */
export async function resolveRevision(repo: Source, rev: string): Promise<Oid> {
  const match = /^(.*?)((?:~\d*|\^\d*|\^\{(?:commit)?\})*)$/s.exec(rev);
  const [, name = '', steps = ''] = match ?? [];
  let oid = await peel(repo, await baseOf(repo, name === '@' ? 'HEAD' : name, rev), rev);
  for (const step of steps.match(/~\d*|\^\d*|\^\{\w*\}/g) ?? []) {
    if (step.startsWith('^{')) continue;
    const count = step.length > 1 ? Number(step.slice(1)) : 1;
    if (step.startsWith('~')) for (let i = 0; i < count; i++) oid = await parentOf(repo, oid, 1, rev);
    else if (count > 0) oid = await parentOf(repo, oid, count, rev);
  }
  return oid;
}

async function baseOf(repo: Source, name: string, rev: string): Promise<Oid> {
  if (/^[0-9a-f]{40}$/.test(name)) {
    if (await repo.objects.has(name)) return name;
    throw new CwfError('REV_NOT_FOUND', { rev });
  }
  if (isSafeName(name)) {
    for (const place of PLACES) {
      // Only names in capitals and full names are looked up as they are: `config` is a file of git's, not a ref.
      if (place === '' && !/^[A-Z_]+$/.test(name) && !name.startsWith('refs/')) continue;
      const oid = readRef(repo.gitDir, place + name);
      if (oid !== undefined) return oid;
    }
  }
  if (/^[0-9a-f]{4,39}$/i.test(name)) return byPrefix(repo, name.toLowerCase(), rev);
  throw new CwfError('REV_NOT_FOUND', { rev });
}

async function byPrefix(repo: Source, prefix: string, rev: string): Promise<Oid> {
  const { packedOidsWithPrefix } = await import('./packs.ts');
  const found = [...new Set([...repo.objects.looseWithPrefix(prefix), ...packedOidsWithPrefix(repo.gitDir, prefix)])];
  const commits: Oid[] = [];
  for (const oid of found) {
    const { type } = await repo.objects.read(oid);
    if (type === 'commit' || type === 'tag') commits.push(oid);
  }
  if (commits.length > 1) throw new CwfError('REV_AMBIGUOUS', { rev, known: commits });
  if (commits[0] === undefined) throw new CwfError('REV_NOT_FOUND', { rev });
  return commits[0];
}

async function peel(repo: Source, oid: Oid, rev: string): Promise<Oid> {
  let at = oid;
  for (let depth = 0; depth < 10; depth++) {
    const { type, body } = await repo.objects.read(at);
    if (type === 'commit') return at;
    const target = type === 'tag' ? /^object ([0-9a-f]{40})$/m.exec(body.toString('utf8'))?.[1] : undefined;
    if (target === undefined) throw new CwfError('NOT_A_COMMIT', { rev, type });
    at = target;
  }
  throw new CwfError('REV_NOT_FOUND', { rev });
}

async function parentOf(repo: Source, oid: Oid, n: number, rev: string): Promise<Oid> {
  const parent = (await repo.readCommit(oid)).parents[n - 1];
  if (parent === undefined) throw new CwfError('REV_NOT_FOUND', { rev });
  return parent;
}

/** No name may lead out of the repository's folder. */
function isSafeName(name: string): boolean {
  return (
    name !== '' &&
    !name.startsWith('/') &&
    !name.includes('\0') &&
    !name.split('/').some((part) => part === '..' || part === '.')
  );
}
