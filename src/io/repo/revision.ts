import { CwfError } from '../../base/errors.ts';
import type { ObjectStore } from './objects.ts';
import { readRef } from './refs.ts';
import type { Commit, Oid } from './types.ts';
import { shallowCommits } from './walk.ts';

interface Source {
  readonly gitDir: string;
  readonly objects: ObjectStore;
  readCommit(oid: Oid): Promise<Commit>;
}

/**
 * The commit a revision names: HEAD, @, a branch, a tag (peeled), a full ref, an oid or its first four or more digits;
 * with `~n`, `^n`, `^{commit}` after it. Throws REV_NOT_FOUND, REV_AMBIGUOUS.
 */
export async function resolveRevision(repo: Source, rev: string): Promise<Oid> {
  const match = /^(.*?)((?:~\d*|\^\d*|\^\{(?:commit)?\})*)$/s.exec(rev);
  const [, name = '', steps = ''] = match ?? [];
  let oid = await peel(repo, await baseOf(repo, name === '@' ? 'HEAD' : name, rev), rev);
  for (const step of steps.match(/~\d*|\^\{\w*\}|\^\d*/g) ?? []) {
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
  for (const ref of candidateRefs(name)) {
    const oid = readRef(repo.gitDir, ref);
    if (oid !== undefined) return oid;
  }
  if (/^[0-9a-f]{4,39}$/i.test(name)) return byPrefix(repo, name.toLowerCase(), rev);
  throw new CwfError('REV_NOT_FOUND', { rev });
}

/** Where trials lie: `<study>/<two hex digits>/<number>`, so that no folder holds thousands. */
export const TRIAL_REFS = 'refs/cwf/trial/';

/** Full name of the ref of a trial: the fan-out is the number's remainder by 256. */
export function trialRef(study: string, number: number): string {
  return `${TRIAL_REFS}${study}/${(number % 256).toString(16).padStart(2, '0')}/${number}`;
}

/** Refs a short name may mean, in git's order (gitrevisions); then those of cwf, as trials. */
function candidateRefs(name: string): string[] {
  if (!isSafeName(name)) return [];
  // Only names in capitals and full names are looked up as they are: `config` is a file of git's, not a ref.
  const asIs = /^[A-Z_]+$/.test(name) || name.startsWith('refs/') ? [name] : [];
  const [, study, number] = /^trial\/([^/]+)\/(\d{1,9})$/.exec(name) ?? [];
  const trial = study === undefined ? [] : [trialRef(study, Number(number))];
  const places = ['refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/'].map((place) => place + name);
  return [...asIs, ...places, `refs/remotes/${name}/HEAD`, `refs/cwf/${name}`, ...trial];
}

async function byPrefix(repo: Source, prefix: string, rev: string): Promise<Oid> {
  const { packedOidsWithPrefix } = await import('./packs.ts');
  const loose = await repo.objects.looseWithPrefix(prefix);
  const found = [...new Set([...loose, ...packedOidsWithPrefix(repo.gitDir, prefix)])];
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
  if (parent === undefined || shallowCommits(repo.gitDir).has(oid)) throw new CwfError('REV_NOT_FOUND', { rev });
  return parent;
}

/** No name may lead out of the repository's folder. */
function isSafeName(name: string): boolean {
  return (
    name !== '' &&
    name.length < 1024 &&
    !name.startsWith('/') &&
    !name.includes('\0') &&
    !name.split('/').some((part) => part === '..' || part === '.')
  );
}
