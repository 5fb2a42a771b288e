import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCwfError } from '../../base/errors.ts';
import { type Finding, finding } from './fsck-finding.ts';
import { Closure, type ObjectReader } from './fsck-objects.ts';
import { takeLock } from './locks.ts';
import { createSafeFs } from './safe-fs.ts';

interface RefValue {
  readonly ref: string;
  /** Object id, `ref: ...`, or undefined when the file holds neither. */
  readonly value: string | undefined;
  readonly isPacked: boolean;
}

const OID = /^[0-9a-f]{40}$/;
const NULL_OID = '0'.repeat(40);

/**
 * Checks HEAD, loose and packed refs: their format, that what they name is there down to the last blob, branches and
 * notes naming commits, and reflogs ending in the ref's value. `repair` sets refs that hold no value back to the
 * newest value of their reflog of which everything is there.
 */
export async function* checkRefs(repo: ObjectReader, repair: boolean): AsyncGenerator<Finding> {
  const closure = new Closure(repo);
  const refs = readRefs(repo.gitDir);
  yield* checkHead(repo, refs, repair);
  for (const { ref, value, isPacked } of refs) {
    if (value === undefined) {
      yield await repairRef(repo, closure, ref, isPacked, repair);
      continue;
    }
    if (!OID.test(value)) continue; // symbolic, as refs/remotes/origin/HEAD
    const before = await repo.readObject(value).catch(() => undefined);
    yield* closure.check(value, ref);
    const needsCommit = /^refs\/(heads|notes)\//.test(ref);
    if (before !== undefined && needsCommit && before.type !== 'commit') {
      yield finding('REF_TARGET', `${ref} names a ${before.type}, not a commit`, { path: ref, oid: value });
    }
    const logged = reflogValues(repo.gitDir, ref)[0];
    if (logged !== undefined && logged !== value) {
      yield finding('REFLOG_DIFFERS', `the reflog of ${ref} ends in ${logged}, the ref in ${value}`, {
        path: ref,
        oid: value,
      });
    }
  }
}

/** Values a ref had, newest first, from its reflog; lines that are no reflog lines are passed over. */
function reflogValues(gitDir: string, ref: string): string[] {
  let text: string;
  try {
    text = readFileSync(join(gitDir, 'logs', ref), 'utf8');
  } catch {
    return [];
  }
  const values = [...text.matchAll(/^[0-9a-f]{40} ([0-9a-f]{40}) /gm)].map((match) => match[1]!);
  return values.filter((value) => value !== NULL_OID).reverse();
}

async function repairRef(
  repo: ObjectReader,
  closure: Closure,
  ref: string,
  isPacked: boolean,
  repair: boolean,
): Promise<Finding> {
  const say = (repaired?: string): Finding =>
    finding('REF_DAMAGED', `${ref} holds no object id`, { path: isPacked ? 'packed-refs' : ref, repaired });
  if (!repair || isPacked) return say();
  for (const oid of reflogValues(repo.gitDir, ref)) {
    if (!(await closure.isComplete(oid))) continue;
    if (!(await writeRef(repo, ref, `${oid}\n`))) break;
    appendFileSync(
      join(repo.gitDir, 'logs', ref),
      `${NULL_OID} ${oid} cwf <cwf@localhost> ${Math.floor(Date.now() / 1000)} +0000\tfsck: set back to the last complete value\n`,
    );
    return say(`set to ${oid}, the last complete value of its reflog`);
  }
  return say();
}

async function* checkHead(repo: ObjectReader, refs: readonly RefValue[], repair: boolean): AsyncGenerator<Finding> {
  const text = readText(join(repo.gitDir, 'HEAD')).trim();
  if (OID.test(text) || /^ref: refs\/\S+$/.test(text)) return;
  const branches = refs.map(({ ref }) => ref).filter((ref) => ref.startsWith('refs/heads/'));
  // Which branch was checked out is written nowhere else: only an answer without choice is taken.
  const usual = ['refs/heads/main', 'refs/heads/master'].filter((ref) => branches.includes(ref));
  const target = branches.length === 1 ? branches[0] : usual.length === 1 ? usual[0] : undefined;
  let repaired: string | undefined;
  if (repair && target !== undefined) {
    if (await writeRef(repo, 'HEAD', `ref: ${target}\n`)) repaired = `set to ${target}`;
  }
  yield finding('REF_DAMAGED', 'HEAD holds neither a ref nor an object id', { path: 'HEAD', repaired });
}

/** Writes a ref under its lock, breaking that of a dead process; returns whether it could (another may hold it). */
async function writeRef(repo: ObjectReader, ref: string, text: string): Promise<boolean> {
  const lock = async (path: string): Promise<() => Promise<void>> => {
    const held = await takeLock(repo.cwfDir, `${path}.lock`, ref, 500);
    return async () => held.release();
  };
  const write = createSafeFs(repo.gitDir, { lock }).promises['writeFile'] as (
    path: string,
    text: string,
  ) => Promise<void>;
  try {
    await write(join(repo.gitDir, ref), text);
    return true;
  } catch (error) {
    if (isCwfError(error, 'REF_LOCKED')) return false;
    throw error;
  }
}

/** Every ref: loose ones, then packed ones that no loose file hides. */
function readRefs(gitDir: string): RefValue[] {
  const refs: RefValue[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(gitDir, folder), { withFileTypes: true })) {
      const ref = `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(ref);
      else if (!ref.endsWith('.lock'))
        refs.push({ ref, value: refValueOf(readText(join(gitDir, ref))), isPacked: false });
    }
  };
  if (existsSync(join(gitDir, 'refs'))) visit('refs');
  const loose = new Set(refs.map(({ ref }) => ref));
  for (const line of readText(join(gitDir, 'packed-refs')).split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('^')) continue;
    const [value, ref] = [line.slice(0, 40), line.slice(41)];
    const isGood = OID.test(value) && line[40] === ' ' && ref.startsWith('refs/');
    if (!isGood)
      refs.push({ ref: `packed-refs: ${JSON.stringify(line.slice(0, 80))}`, value: undefined, isPacked: true });
    else if (!loose.has(ref)) refs.push({ ref, value, isPacked: true });
  }
  return refs;
}

function refValueOf(text: string): string | undefined {
  const value = text.trim();
  return OID.test(value) || /^ref: \S+$/.test(value) ? value : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
