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
  const queue = new DateQueue();
  const seen = new Set<Oid>();
  const hidden = new Set<Oid>();
  const add = async (oid: Oid): Promise<void> => {
    if (seen.has(oid)) return;
    seen.add(oid);
    queue.push(await history.readCommit(oid));
  };
  for (const oid of options.until ?? []) hidden.add(oid);
  for (const oid of [...start, ...hidden]) await add(oid);
  while (queue.size > 0) {
    // Only what must not be shown is left.
    if (hidden.size > 0 && queue.every(({ oid }) => hidden.has(oid))) return;
    const commit = queue.pop();
    const isHidden = hidden.has(commit.oid);
    const parents = shallow.has(commit.oid)
      ? []
      : commit.parents.slice(0, options.firstParent && !isHidden ? 1 : undefined);
    for (const parent of parents) {
      if (isHidden) hidden.add(parent);
      await add(parent);
    }
    if (!isHidden) yield commit;
  }
}

/** Whether `a` is `b` or one of its ancestors. */
export async function isAncestor(history: History, a: Oid, b: Oid): Promise<boolean> {
  const oldest = (await history.readCommit(a)).committer.timestamp;
  const shallow = shallowCommits(history.gitDir);
  const stack = [b];
  const seen = new Set(stack);
  while (stack.length > 0) {
    const oid = stack.pop()!;
    if (oid === a) return true;
    const commit = await history.readCommit(oid);
    // A day of grace for clocks that were wrong.
    if (commit.committer.timestamp < oldest - 86_400 || shallow.has(oid)) continue;
    for (const parent of commit.parents) {
      if (!seen.has(parent)) {
        seen.add(parent);
        stack.push(parent);
      }
    }
  }
  return false;
}

/**
 * Best common ancestors of two commits: those that no other common ancestor descends from. Several after a criss-cross
 * merge, none for unrelated histories. (git merge-base --all; every common ancestor is painted, then the reachable
 * ones among them dropped, so wrong dates cost time, never truth.)
 */
export async function mergeBases(history: History, a: Oid, b: Oid): Promise<Oid[]> {
  const [left, right] = [await ancestors(history, [a]), await ancestors(history, [b])];
  const common = [...left].filter((oid) => right.has(oid));
  const below = await ancestorsBelow(history, common, new Set(common));
  return common.filter((oid) => !below.has(oid)).sort();
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

async function ancestors(history: History, start: readonly Oid[]): Promise<Set<Oid>> {
  const seen = new Set<Oid>();
  for await (const { oid } of walk(history, start)) seen.add(oid);
  return seen;
}

/** Parents, transitively, of the given commits; all of them lie in `within`. */
async function ancestorsBelow(history: History, commits: readonly Oid[], within: ReadonlySet<Oid>): Promise<Set<Oid>> {
  const below = new Set<Oid>();
  for (const oid of commits) {
    // Parents of a common ancestor are common ancestors, so one step is enough.
    for (const parent of (await history.readCommit(oid)).parents) if (within.has(parent)) below.add(parent);
  }
  return below;
}

/** Commits by committer date, newest first, in the order of insertion where dates are equal. A binary heap. */
class DateQueue {
  private readonly heap: { commit: Commit; n: number }[] = [];
  private n = 0;

  get size(): number {
    return this.heap.length;
  }

  every(test: (commit: Commit) => boolean): boolean {
    return this.heap.every(({ commit }) => test(commit));
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
