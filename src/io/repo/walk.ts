import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './objects.ts';
import type { Commit, Oid } from './types.ts';

/** What walking history needs of a repository. */
export interface History {
  readonly gitDir: string;
  readCommit(oid: Oid): Promise<Commit>;
}

/** How far to walk: not into the history of `until`, and along first parents only. */
export interface WalkOptions {
  readonly until?: readonly Oid[];
  readonly firstParent?: boolean;
}

/**
 * Commits from some starts back to the roots, each once, in git's default order: of those reached, the newest
 * committer date first. Where dates are equal or lie a parent may come before a child, as in `git log`. Where a
 * shallow clone was cut, history ends.
 */
export async function* walk(
  history: History,
  start: readonly Oid[],
  options: WalkOptions = {},
): AsyncGenerator<Commit> {
  const shallow = shallowCommits(history.gitDir);
  if (options.until !== undefined && options.until.length > 0) {
    yield* walkUntil(history, start, options.until, options.firstParent ?? false, shallow);
    return;
  }
  const queue = new DateQueue();
  const seen = new Set<Oid>();
  const add = async (oid: Oid): Promise<void> => {
    if (seen.has(oid)) return;
    seen.add(oid);
    queue.push(await history.readCommit(oid));
  };
  for (const oid of start) await add(oid);
  while (queue.size > 0) {
    const commit = queue.pop();
    for (const parent of parentsOf(commit, shallow, options.firstParent)) await add(parent);
    yield commit;
  }
}

/** Commits looked at after only hidden ones are left: what git calls slop, for dates that lie. */
const SLOP = 256;
const WANTED = 1;
const HIDDEN = 2;

/**
 * The part of the walk that `until` does not reach. Being hidden spreads to what was visited before, so nothing is
 * yielded until no wanted commit is left in the queue and none of the hidden ones there is young enough to matter.
 */
async function* walkUntil(
  history: History,
  start: readonly Oid[],
  until: readonly Oid[],
  firstParent: boolean,
  shallow: ReadonlySet<Oid>,
): AsyncGenerator<Commit> {
  const marks = new Map<Oid, number>();
  const queue = new DateQueue();
  const wanted = new Map<Oid, Commit>();
  let open = 0;
  const mark = async (oid: Oid, flag: number): Promise<void> => {
    const before = marks.get(oid) ?? 0;
    if ((before & flag) !== 0) return;
    marks.set(oid, before | flag);
    if (flag === WANTED && before !== 0) return;
    if (flag === WANTED) open++;
    if (before === WANTED && !wanted.has(oid)) open--;
    queue.push(await history.readCommit(oid));
  };
  for (const oid of until) await mark(oid, HIDDEN);
  for (const oid of start) await mark(oid, WANTED);
  for (let slop = SLOP, oldest = Number.POSITIVE_INFINITY; queue.size > 0; ) {
    const commit = queue.pop();
    const isHidden = ((marks.get(commit.oid) ?? 0) & HIDDEN) !== 0;
    if (open === 0 && commit.committer.timestamp < oldest && --slop < 0) break;
    if (isHidden) wanted.delete(commit.oid);
    else if (!wanted.has(commit.oid)) {
      wanted.set(commit.oid, commit);
      open--;
      oldest = Math.min(oldest, commit.committer.timestamp);
    }
    for (const parent of parentsOf(commit, shallow, firstParent && !isHidden))
      await mark(parent, isHidden ? HIDDEN : WANTED);
  }
  yield* wanted.values();
}

/** Whether `a` is `b` or one of its ancestors; exact whatever the dates say. */
export async function isAncestor(history: History, a: Oid, b: Oid): Promise<boolean> {
  if (a === b) return true;
  return ((await paint(history, a, b, true)).marks.get(a)! & RIGHT) !== 0;
}

/**
 * Best common ancestors of two commits: those that no other common ancestor descends from. Several after a criss-cross
 * merge, none for unrelated histories (git merge-base --all). Only what lies above the common part is read; wrong
 * dates cost time, never truth.
 */
export async function mergeBases(history: History, a: Oid, b: Oid): Promise<Oid[]> {
  if (a === b) return [a];
  const { found } = await paint(history, a, b, false);
  const best: Oid[] = [];
  for (const one of found) {
    let isBest = true;
    for (const other of found) {
      if (other !== one && (await isAncestor(history, one, other))) {
        isBest = false;
        break;
      }
    }
    if (isBest) best.push(one);
  }
  return best.sort();
}

const LEFT = 1;
const RIGHT = 2;
/** Below a common ancestor: painted on, so that a worse common ancestor is known as one, but not worth a walk. */
const STALE = 4;

/**
 * Paints what `a` and `b` reach, newest first, until all that is left lies below common ancestors (git's
 * paint_down_to_common). `onlyA` stops as soon as `a` is known to be reached from `b`.
 */
async function paint(
  history: History,
  a: Oid,
  b: Oid,
  onlyA: boolean,
): Promise<{ marks: Map<Oid, number>; found: Oid[] }> {
  const shallow = shallowCommits(history.gitDir);
  const marks = new Map<Oid, number>([
    [a, LEFT],
    [b, RIGHT],
  ]);
  const queue = new DateQueue();
  const common = new Set<Oid>();
  for (const oid of [a, b]) queue.push(await history.readCommit(oid));
  // How often each commit lies in the queue, to know when only stale ones do.
  const waiting = new Map<Oid, number>([
    [a, 1],
    [b, 1],
  ]);
  let fresh = 2;
  while (fresh > 0) {
    const commit = queue.pop();
    const times = waiting.get(commit.oid)!;
    waiting.set(commit.oid, times - 1);
    let flags = marks.get(commit.oid)!;
    if ((flags & STALE) === 0) fresh--;
    if ((flags & (LEFT | RIGHT)) === (LEFT | RIGHT) && (flags & STALE) === 0) {
      common.add(commit.oid);
      flags |= STALE;
    }
    for (const parent of parentsOf(commit, shallow, false)) {
      const before = marks.get(parent) ?? 0;
      if ((before & flags) === flags) continue;
      const after = before | flags;
      marks.set(parent, after);
      if (onlyA && parent === a && (after & RIGHT) !== 0) return { marks, found: [] };
      const inQueue = waiting.get(parent) ?? 0;
      // Those in the queue already turn stale with the rest.
      if ((before & STALE) === 0 && (after & STALE) !== 0) fresh -= inQueue;
      if ((after & STALE) === 0) fresh++;
      waiting.set(parent, inQueue + 1);
      queue.push(await history.readCommit(parent));
    }
  }
  return { marks, found: [...common].filter((oid) => (marks.get(oid)! & STALE) === 0) };
}

function parentsOf(commit: Commit, shallow: ReadonlySet<Oid>, firstOnly: boolean | undefined): readonly Oid[] {
  if (shallow.has(commit.oid)) return [];
  return firstOnly ? commit.parents.slice(0, 1) : commit.parents;
}

/** Commits whose parents were cut off by a shallow clone. */
export function shallowCommits(gitDir: string): Set<Oid> {
  try {
    return new Set(readFileSync(join(gitDir, 'shallow'), 'utf8').split('\n').filter(Boolean));
  } catch (cause) {
    if (isMissing(cause)) return new Set();
    throw cause;
  }
}

/** Commits by committer date, newest first, in the order of insertion where dates are equal. A binary heap. */
class DateQueue {
  private readonly heap: { commit: Commit; n: number }[] = [];
  private n = 0;

  get size(): number {
    return this.heap.length;
  }

  push(commit: Commit): void {
    const { heap } = this;
    heap.push({ commit, n: this.n++ });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.before(i, parent)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  pop(): Commit {
    const { heap } = this;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let i = 0; ; ) {
        let best = i;
        for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && this.before(child, best)) best = child;
        if (best === i) break;
        [heap[i], heap[best]] = [heap[best]!, heap[i]!];
        i = best;
      }
    }
    return top.commit;
  }

  private before(i: number, j: number): boolean {
    const [a, b] = [this.heap[i]!, this.heap[j]!];
    const order = b.commit.committer.timestamp - a.commit.committer.timestamp;
    return order < 0 || (order === 0 && a.n < b.n);
  }
}
