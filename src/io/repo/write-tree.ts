import { CwfError } from '../../base/errors.ts';
import type { ObjectStore } from './objects.ts';
import { decodeTree, encodeTree, type RawTreeEntry } from './tree-object.ts';
import type { Oid, TreeEntry } from './types.ts';

/** What a path of a tree becomes: a file, or nothing. */
export type TreeChanges = ReadonlyMap<string, { mode: string; oid: Oid } | null>;

const FOLDER = '40000';
/** File, executable file, symbolic link, submodule: git writes no others. */
const MODES = ['100644', '100755', '120000', '160000'];

/** Entries of a tree, names decoded; throws OBJECT_CORRUPT for names that lead out of the working tree. [RP-9] */
export async function readTree(store: ObjectStore, oid: Oid): Promise<TreeEntry[]> {
  const { type, body } = await store.read(oid);
  if (type !== 'tree') throw new CwfError('OBJECT_CORRUPT', { oid, reason: `it is a ${type}, not a tree` });
  const seen = new Set<string>();
  return decodeTree(oid, body).map(({ mode, name, oid: child }) => {
    const text = Buffer.from(name, 'latin1').toString('utf8');
    const problem = seen.has(name) ? 'stands twice' : partProblem(text);
    seen.add(name);
    if (problem) throw new CwfError('OBJECT_CORRUPT', { oid, reason: `its entry ${JSON.stringify(text)} ${problem}` });
    return { mode, name: text, oid: child };
  });
}

/** Every file of a tree by its path from the root; folders are walked, links and submodules listed with their mode. */
export async function listTree(store: ObjectStore, oid: Oid): Promise<Map<string, { mode: string; oid: Oid }>> {
  const out = new Map<string, { mode: string; oid: Oid }>();
  const walk = async (tree: Oid, prefix: string, depth: number): Promise<void> => {
    if (depth > 64) throw new CwfError('OBJECT_CORRUPT', { oid: tree, reason: 'its folders are over 64 deep' });
    for (const { mode, name, oid: child } of await readTree(store, tree)) {
      if (mode === FOLDER) await walk(child, `${prefix}${name}/`, depth + 1);
      else out.set(prefix + name, { mode, oid: child });
    }
  };
  await walk(oid, '', 0);
  return out;
}

/** The object at a path of a tree; undefined where there is none. */
export async function blobAt(store: ObjectStore, tree: Oid, path: string): Promise<Oid | undefined> {
  let oid: Oid | undefined = tree;
  for (const part of path.split('/')) {
    const { type, body } = await store.read(oid);
    if (type !== 'tree') return undefined;
    const name = Buffer.from(part).toString('latin1');
    oid = decodeTree(oid, body).find((entry) => entry.name === name)?.oid;
    if (oid === undefined) return undefined;
  }
  return oid;
}

/** Writes the tree that has these changes on top of another; folders that become empty go. Throws PATH_INVALID. */
export async function writeTree(store: ObjectStore, base: Oid | undefined, changes: TreeChanges): Promise<Oid> {
  for (const [path, change] of changes) checkChange(changes, path, change);
  const oid = await writeLevel(store, base, [...changes]);
  return oid ?? store.write('tree', Buffer.alloc(0));
}

async function writeLevel(
  store: ObjectStore,
  base: Oid | undefined,
  changes: readonly [string, { mode: string; oid: Oid } | null][],
): Promise<Oid | undefined> {
  const entries = new Map<string, RawTreeEntry>();
  if (base !== undefined) {
    for (const entry of decodeTree(base, (await store.read(base)).body)) entries.set(entry.name, entry);
  }
  const below = new Map<string, [string, { mode: string; oid: Oid } | null][]>();
  for (const [path, change] of changes) {
    const slash = path.indexOf('/');
    const name = Buffer.from(slash < 0 ? path : path.slice(0, slash)).toString('latin1');
    if (slash >= 0) below.set(name, [...(below.get(name) ?? []), [path.slice(slash + 1), change]]);
    else if (change) entries.set(name, { name, ...change });
    else entries.delete(name);
  }
  for (const [name, inner] of below) {
    const before = entries.get(name);
    const oid = await writeLevel(store, before?.mode === FOLDER ? before.oid : undefined, inner);
    if (oid !== undefined) entries.set(name, { mode: FOLDER, name, oid });
    else if (before?.mode === FOLDER) entries.delete(name);
  }
  return entries.size === 0 ? undefined : store.write('tree', encodeTree(entries.values()));
}

/** A path must be one, its mode one of a file's, and no file of these changes may stand where another needs a folder. */
function checkChange(changes: TreeChanges, path: string, change: { mode: string } | null): void {
  checkPath(path);
  if (!change) return;
  if (!MODES.includes(change.mode))
    throw new CwfError('PATH_INVALID', { file: path, reason: `its mode ${change.mode} is none of git's` });
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    if (changes.get(path.slice(0, at)))
      throw new CwfError('PATH_INVALID', { file: path, reason: 'a folder on its way is a file' });
  }
}

/** Refuses paths that git refuses in a tree, and those that would write into `.git`. Throws PATH_INVALID. [RP-9] */
export function checkPath(path: string): void {
  for (const part of path.split('/')) {
    const problem = partProblem(part);
    if (problem) throw new CwfError('PATH_INVALID', { file: path, reason: `a part of it ${problem}` });
  }
}

function partProblem(part: string): string | undefined {
  if (part === '' || part === '.' || part === '..') return 'is empty or leads elsewhere';
  if (/[\u0000-\u001f\u007f\\/]/.test(part)) return 'has a slash, a backslash or a control character';
  // What HFS+ ignores and NTFS adds would make these the same as .git (git's core.protectHFS, core.protectNTFS).
  const plain = part.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').toLowerCase();
  if (/^(\.git|git~1)([ .]*|:.*)$/.test(plain)) return 'is .git';
  return Buffer.byteLength(part) > 255 ? 'is over 255 bytes' : undefined;
}
