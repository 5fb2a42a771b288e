/**
 * Notes: facts about objects, beside history (refs/notes/cwf/<kind>, read by `git notes --ref=cwf/<kind>` as well).
 * [NT-1] A note is a set of lines, sorted by bytes, each once: git's `cat_sort_uniq` merges two of them without
 * conflict. [NT-2] A line is one fact: the RFC 8785 text of a JSON object. [NT-3] Other lines (written by people)
 * are kept as they are. [NT-4] The tree fans out by the first byte from the first note on (`ab/cdef...`), and any
 * mixture of depths is read: git rewrites it as it likes.
 *
 *   ab/                      an entry whose name is the rest of the oid is a note;
 *     cdef...38              a folder of two hex digits is the next level;
 *     12/3456...36           everything else is not a note and stays where it is
 */
import { CwfError } from '../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { decodeTree, encodeTree, type RawTreeEntry } from './tree-object.ts';

/** Kinds of notes; each has its own ref and the merge strategy of NOTES_MERGE_STRATEGY. */
export const NOTE_KINDS = ['metrics', 'runs', 'rank', 'review', 'llm', 'study'] as const;

/** Value of git's `notes.cwf/<kind>.mergeStrategy`, set when a repository is made. */
export const NOTES_MERGE_STRATEGY = 'cat_sort_uniq';

/** What reading notes needs of a repository. */
export interface NoteReader {
  readRef(ref: string): Promise<string | undefined>;
  readObject(oid: string): Promise<{ type: string; body: Buffer }>;
}

/** What staging notes needs: the object store of the transaction. `writeCommit` gives its own author and date. */
export interface NoteStage {
  readObject(oid: string): Promise<{ type: string; body: Buffer }>;
  hasObject(oid: string): Promise<boolean>;
  writeObject(type: 'blob' | 'tree', body: Buffer): Promise<string>;
  writeCommit(commit: { tree: string; parents: string[]; message: string }): Promise<string>;
}

/** The facts on one object: JSON objects, or the text of a line that is none. */
export interface Note {
  readonly oid: string;
  readonly facts: Json[];
}

const TREE_CACHE = 600;

/** Full name of the ref that holds notes of this kind. */
export function notesRef(kind: string): string {
  return `refs/notes/cwf/${kind}`;
}

/** The line that stands for a fact in a note [NT-2]. */
export function noteLine(fact: JsonObject): string {
  return canonicalJson(fact);
}

/** Reads the notes of one kind; always the state its ref has at the time of the call. */
export class Notes {
  readonly kind: string;
  readonly ref: string;
  private readonly repo: NoteReader;
  private readonly tree: ReadTree;

  constructor(repo: NoteReader, kind: string) {
    this.kind = kind;
    this.ref = notesRef(kind);
    this.repo = repo;
    this.tree = treeReader(repo);
  }

  /** Returns the facts on an object, in the order of their lines; empty when there is no note. */
  async read(oid: string): Promise<Json[]> {
    const root = await this.root();
    return root === undefined ? [] : factsOf(await linesOn(this.tree, this.repo, root, oid));
  }

  /** Stages one fact in a transaction (anything with `addNote`); it is part of that operation. */
  add(tx: { addNote(kind: string, oid: string, line: string): void }, oid: string, fact: JsonObject): void {
    tx.addNote(this.kind, oid, noteLine(fact));
  }

  /** Yields every note, sorted by object id. */
  async *list(): AsyncGenerator<Note> {
    const root = await this.root();
    if (root === undefined) return;
    const byFirstByte = new Map<string, RawTreeEntry[]>();
    for (const entry of await this.tree(root)) {
      const at = entry.name.slice(0, 2);
      byFirstByte.set(at, [...(byFirstByte.get(at) ?? []), entry]);
    }
    for (const first of [...byFirstByte.keys()].sort()) {
      const lines = new Map<string, string[]>();
      for await (const leaf of leavesOf(this.tree, byFirstByte.get(first)!, '')) {
        lines.set(
          leaf.target,
          union(lines.get(leaf.target) ?? [], linesOf((await this.repo.readObject(leaf.blob)).body)),
        );
      }
      for (const oid of [...lines.keys()].sort()) yield { oid, facts: factsOf(lines.get(oid)!) };
    }
  }

  private async root(): Promise<string | undefined> {
    const tip = await this.repo.readRef(this.ref);
    return tip === undefined ? undefined : treeOfCommit(this.repo, tip);
  }
}

/**
 * Writes the notes commit that has these lines added to the notes of `parent` (undefined: there are none yet), others
 * taken out, and returns its oid, or `parent` when every line was there. The caller moves the ref from `parent` by compare-and-swap
 * and stages again on the new tip when another writer was faster: lines are a set, so nothing is lost or doubled.
 * Throws NOTE_TARGET_MISSING when an object does not exist.
 */
export async function stageNotes(
  stage: NoteStage,
  kind: string,
  parent: string | undefined,
  additions: ReadonlyMap<string, readonly string[]>,
  removals: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<string | undefined> {
  const read = treeReader(stage);
  const root = parent === undefined ? undefined : await treeOfCommit(stage, parent);
  const changes: Change[] = [];
  for (const oid of new Set([...additions.keys(), ...removals.keys()])) {
    if (!/^[0-9a-f]{40}$/.test(oid) || !(await stage.hasObject(oid)))
      throw new CwfError('NOTE_TARGET_MISSING', { oid });
    const before = root === undefined ? [] : await linesOn(read, stage, root, oid);
    const gone = new Set((removals.get(oid) ?? []).map(checkedLine));
    const kept = before.filter((line) => !gone.has(line));
    const after = union(kept, (additions.get(oid) ?? []).map(checkedLine));
    if (after.length === before.length && after.every((line, i) => line === before[i])) continue;
    const body = Buffer.from(`${after.join('\n')}\n`, 'latin1');
    changes.push({ rest: oid, blob: after.length === 0 ? undefined : await stage.writeObject('blob', body) });
  }
  if (changes.length === 0) return parent;
  const tree = await writeLevel(stage, read, root, changes, 0);
  const message = `notes: ${changes.length === 1 ? '1 note' : `${changes.length} notes`} of kind ${kind}\n`;
  return stage.writeCommit({ tree, parents: parent === undefined ? [] : [parent], message });
}

/**
 * Returns the objects whose notes may differ between two notes trees (undefined: no notes). Equal subtrees are not
 * opened, so a few new notes among many cost little; a note that only moved to another depth is named as well.
 */
export async function changedNotes(
  repo: NoteReader,
  from: string | undefined,
  to: string | undefined,
): Promise<Set<string>> {
  const read = treeReader(repo);
  const changed = new Set<string>();
  const compare = async (a: string | undefined, b: string | undefined, prefix: string): Promise<void> => {
    const [left, right] = [a === undefined ? [] : await read(a), b === undefined ? [] : await read(b)];
    const id = (entry: RawTreeEntry): string => `${entry.mode} ${entry.name} ${entry.oid}`;
    const [inLeft, inRight] = [new Set(left.map(id)), new Set(right.map(id))];
    const gone = left.filter((entry) => !inRight.has(id(entry)));
    const fresh = right.filter((entry) => !inLeft.has(id(entry)));
    const isFolder = (e: RawTreeEntry): boolean => e.mode === '40000' && /^[0-9a-f]{2}$/.test(e.name);
    for (const entry of fresh.filter(isFolder)) {
      const old = gone.find((e) => isFolder(e) && e.name === entry.name);
      await compare(old?.oid, entry.oid, prefix + entry.name);
    }
    for (const entry of gone.filter(isFolder)) {
      if (!fresh.some((e) => isFolder(e) && e.name === entry.name))
        await compare(entry.oid, undefined, prefix + entry.name);
    }
    for (const entry of [...gone, ...fresh]) {
      const target = prefix + entry.name;
      if (!isFolder(entry) && /^[0-9a-f]{40}$/.test(target)) changed.add(target);
    }
  };
  await compare(from, to, '');
  return changed;
}

/** The tree of a notes commit; notes refs hold commits, as git's do. */
export async function treeOfCommit(repo: Pick<NoteReader, 'readObject'>, oid: string): Promise<string> {
  const { type, body } = await repo.readObject(oid);
  const tree = /^tree ([0-9a-f]{40})\n/.exec(body.toString('latin1', 0, 46))?.[1];
  if (type !== 'commit' || tree === undefined)
    throw new CwfError('OBJECT_CORRUPT', { oid, reason: 'not a notes commit' });
  return tree;
}

/** The lines of a note in a tree, as `addNote` takes them. */
export async function noteLines(
  repo: Pick<NoteReader, 'readObject'>,
  tree: string | undefined,
  oid: string,
): Promise<string[]> {
  if (tree === undefined) return [];
  const lines = await linesOn(treeReader(repo), repo as NoteReader, tree, oid);
  return lines.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
}

/** Facts of a note as it is read out of its blob: for callers that hold a tree of their own. */
export async function factsAt(repo: NoteReader, tree: string, oid: string): Promise<Json[]> {
  return factsOf(await linesOn(treeReader(repo), repo, tree, oid));
}

/** A note as it shall be; without a blob it goes. */
interface Change {
  readonly rest: string;
  readonly blob: string | undefined;
}

type ReadTree = (oid: string) => Promise<RawTreeEntry[]>;

/** Reads trees, keeping the last few hundred: finding and rewriting a note go through the same ones. */
function treeReader(repo: Pick<NoteReader, 'readObject'>): ReadTree {
  const trees = new Map<string, RawTreeEntry[]>();
  return async (oid) => {
    const known = trees.get(oid);
    if (known !== undefined) return known;
    if (trees.size >= TREE_CACHE) trees.clear();
    const entries = decodeTree(oid, (await repo.readObject(oid)).body);
    trees.set(oid, entries);
    return entries;
  };
}

/** Writes one level of the tree with these notes replaced, and returns its oid. */
async function writeLevel(
  stage: NoteStage,
  read: ReadTree,
  tree: string | undefined,
  changes: readonly Change[],
  depth: number,
): Promise<string> {
  const entries = new Map((tree === undefined ? [] : await read(tree)).map((entry) => [entry.name, entry]));
  const below = new Map<string, Change[]>();
  for (const { rest, blob } of changes) {
    const byte = rest.slice(0, 2);
    entries.delete(rest); // its lines are in `blob` by now, whichever depth they came from
    if (depth === 0 || entries.get(byte)?.mode === '40000') {
      below.set(byte, [...(below.get(byte) ?? []), { rest: rest.slice(2), blob }]);
    } else if (blob !== undefined) {
      entries.set(rest, { mode: '100644', name: rest, oid: blob });
    }
  }
  for (const [byte, inner] of below) {
    const folder = entries.get(byte);
    const oid = await writeLevel(stage, read, folder?.mode === '40000' ? folder.oid : undefined, inner, depth + 1);
    entries.set(byte, { mode: '40000', name: byte, oid });
  }
  return stage.writeObject('tree', encodeTree(entries.values()));
}

/** All lines on one object, from every depth they stand at. */
async function linesOn(
  read: ReadTree,
  repo: Pick<NoteReader, 'readObject'>,
  root: string,
  oid: string,
): Promise<string[]> {
  let lines: string[] = [];
  let tree: string | undefined = root;
  for (let rest = oid; tree !== undefined && rest !== ''; rest = rest.slice(2)) {
    const entries: RawTreeEntry[] = await read(tree);
    tree = undefined;
    for (const entry of entries) {
      if (entry.name === rest && entry.mode !== '40000')
        lines = union(lines, linesOf((await repo.readObject(entry.oid)).body));
      else if (entry.mode === '40000' && entry.name === rest.slice(0, 2)) tree = entry.oid;
    }
  }
  return lines;
}

async function* leavesOf(
  read: ReadTree,
  entries: readonly RawTreeEntry[],
  prefix: string,
): AsyncGenerator<{ target: string; blob: string }> {
  for (const entry of entries) {
    const target = prefix + entry.name;
    if (entry.mode === '40000') {
      if (/^[0-9a-f]{2}$/.test(entry.name) && target.length < 40) yield* leavesOf(read, await read(entry.oid), target);
    } else if (/^[0-9a-f]{40}$/.test(target)) {
      yield { target, blob: entry.oid };
    }
  }
}

// Lines are Latin-1 inside (one character per byte): sorting characters sorts bytes, as git does, and nothing that
// is not UTF-8 gets lost.
function linesOf(body: Buffer): string[] {
  return union(body.toString('latin1').split('\n'), []);
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].filter((line) => line !== '').sort();
}

function checkedLine(line: string): string {
  if (line === '' || /[\n\0]/.test(line)) throw new CwfError('NOTE_INVALID', { reason: 'a fact is one line of text' });
  return Buffer.from(line, 'utf8').toString('latin1');
}

function factsOf(lines: readonly string[]): Json[] {
  return lines.map((line) => {
    const text = Buffer.from(line, 'latin1').toString('utf8');
    try {
      const value = parseJson(text, { source: 'note' });
      return isObject(value) ? value : text;
    } catch {
      return text; // a person's line [NT-3]
    }
  });
}
