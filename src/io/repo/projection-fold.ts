/**
 * Folds git's state into rows. The rows are a function of what the refs reach and of the metrics notes, never of the
 * way there: catching up and building anew give the same rows [IX-4].
 *
 *   tips new   -> down from them to commits that have a row; what is between gets rows, parents first
 *   tips gone  -> rows of commits that only they reached are removed
 *   notes      -> objects whose notes differ between the two trees: old numbers out, new numbers in
 *
 * The set of commits with a row is always closed under parents, so the first row met ends the search.
 */
import { isObject, type Json } from '../../base/json.ts';
import { changedNotes, factsAt, notesRef, treeOfCommit } from './notes.ts';
import {
  type CommitRow,
  changeKey,
  commitKey,
  DIRTY,
  metricKey,
  SCHEMA,
  STATE,
  type Watermark,
} from './projection-rows.ts';
import { PROTECT_REF } from './protection.ts';
import type { RowChange, RowStore } from './row-store.ts';
import { graphDigests, statedPatches } from './stated-changes.ts';
import { parseTrailers, trailerValue } from './trailers.ts';
import { decodeTree, type RawTreeEntry } from './tree-object.ts';

/** What folding needs of a commit. */
export interface FoldedCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committer: { readonly timestamp: number };
  readonly message: string;
}

/** What folding needs of a repository; `Repo` has it. */
export interface ProjectionSource {
  readonly cwfDir: string;
  head(): Promise<{ oid?: string }>;
  listRefs(prefix: string): Promise<{ ref: string; oid: string }[]>;
  readRef(ref: string): Promise<string | undefined>;
  readObject(oid: string): Promise<{ type: string; body: Buffer }>;
  readCommit(oid: string): Promise<FoldedCommit>;
  /** Commits whose parents were cut off by a shallow clone; none when absent. */
  shallow?(): Promise<ReadonlySet<string>>;
}

const BATCH = 4000;
/** Refs of commits that are no versions of workflows. */
const APART = ['refs/notes/', 'refs/cwf/op/', 'refs/cwf/study/'];
const METRICS = notesRef('metrics');

/**
 * Brings the rows up to date with the repository. Returns false when they cannot be continued from (other schema, an
 * unfinished fold, a watermark commit that is gone): the store must be emptied and folded again.
 */
export async function catchUp(repo: ProjectionSource, rows: RowStore): Promise<boolean> {
  const text = await rows.get(STATE);
  const before: Watermark = text === undefined ? { schema: SCHEMA, tips: [] } : JSON.parse(text);
  if (before.schema !== SCHEMA || (await rows.get(DIRTY)) !== undefined) return false;
  const tips = await tipsOf(repo);
  const notesTip = await repo.readRef(METRICS);
  const metrics = notesTip === undefined ? undefined : await treeOfCommit(repo, notesTip);
  const isSame =
    metrics === before.metrics && tips.length === before.tips.length && tips.every((t, i) => t === before.tips[i]);
  if (isSame) return true;
  const fold = new Fold(repo, rows);
  const gone = before.tips.filter((tip) => !tips.includes(tip));
  if (!(await readable(repo, [...gone, ...(before.metrics === undefined ? [] : [before.metrics])]))) return false;
  await fold.addCommits(tips.filter((tip) => !before.tips.includes(tip)));
  if (gone.length > 0) await fold.removeCommits(gone, tips);
  if (metrics !== before.metrics) await fold.foldMetrics(before.metrics, metrics);
  await fold.finish({ schema: SCHEMA, tips, metrics });
  return true;
}

/** Commits that refs and HEAD name, without notes, the operation log, the rules and what studies are; sorted, each once. */
async function tipsOf(repo: ProjectionSource): Promise<string[]> {
  const refs = await repo.listRefs('refs/');
  const named = refs.filter(
    ({ ref }) => !APART.some((prefix) => ref.startsWith(prefix)) && ref !== PROTECT_REF && ref !== 'refs/stash',
  );
  const head = (await repo.head()).oid;
  const tips = new Set<string>();
  for (const oid of new Set([...named.map((r) => r.oid), ...(head === undefined ? [] : [head])])) {
    const commit = await peel(repo, oid);
    if (commit !== undefined) tips.add(commit);
  }
  return [...tips].sort();
}

/** Follows annotated tags to a commit; undefined when there is none at the end (a tagged blob, a broken ref). */
async function peel(repo: ProjectionSource, oid: string): Promise<string | undefined> {
  let at = oid;
  for (let depth = 0; depth < 10; depth++) {
    const found = await repo.readObject(at).catch(() => undefined);
    if (found?.type === 'commit') return at;
    const target =
      found?.type === 'tag' ? /^object ([0-9a-f]{40})\n/.exec(found.body.toString('latin1', 0, 48))?.[1] : undefined;
    if (target === undefined) return undefined;
    at = target;
  }
  return undefined;
}

/** Whether git still has these objects; a gc after a reset takes what a watermark names. */
async function readable(repo: ProjectionSource, oids: readonly string[]): Promise<boolean> {
  try {
    for (const oid of oids) await repo.readObject(oid);
    return true;
  } catch {
    return false;
  }
}

/** One run of folding: changes are written in batches, under a mark that says the run is not finished. */
class Fold {
  private readonly repo: ProjectionSource;
  private readonly rows: RowStore;
  private pending: RowChange[] = [];
  private isMarked = false;
  private readonly trees = new Map<string, RawTreeEntry[]>();
  private readonly treeOf = new Map<string, string>();

  constructor(repo: ProjectionSource, rows: RowStore) {
    this.repo = repo;
    this.rows = rows;
  }

  /**
   * Removes what `gone` reaches and `kept` does not. Both are painted downwards in order of generation, so a commit is
   * looked at after all its children, whatever the dates say; it ends when nothing of `gone` alone is left.
   */
  async removeCommits(gone: readonly string[], kept: readonly string[]): Promise<void> {
    await this.flush();
    const paint = new Map<string, boolean>();
    const byGeneration = new Map<number, string[]>();
    const rows = new Map<string, CommitRow>();
    let open = 0;
    const add = async (oid: string, isKept: boolean): Promise<void> => {
      const known = paint.get(oid);
      if (known !== undefined) {
        if (isKept && !known) open--;
        paint.set(oid, known || isKept);
        return;
      }
      const text = await this.rows.get(commitKey(oid));
      if (text === undefined) return;
      const row: CommitRow = JSON.parse(text);
      rows.set(oid, row);
      paint.set(oid, isKept);
      if (!isKept) open++;
      byGeneration.set(row.generation, [...(byGeneration.get(row.generation) ?? []), oid]);
    };
    for (const oid of kept) await add(oid, true);
    for (const oid of gone) await add(oid, false);
    for (let generation = Math.max(0, ...byGeneration.keys()); open > 0 && generation > 0; generation--) {
      for (const oid of byGeneration.get(generation) ?? []) {
        const isKept = paint.get(oid)!;
        const row = rows.get(oid)!;
        for (const parent of row.parents) await add(parent, isKept);
        if (isKept) continue;
        open--;
        const { changes } = await this.project(await this.repo.readCommit(oid), generation, row.parents);
        for (const { key } of changes) await this.push({ key, value: undefined });
      }
    }
  }

  async addCommits(tips: readonly string[]): Promise<void> {
    const shallow = (await this.repo.shallow?.()) ?? new Set<string>();
    const fresh = new Map<string, { commit: FoldedCommit; parents: readonly string[] }>();
    const generations = new Map<string, number>();
    const open = [...tips];
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (fresh.has(oid) || generations.has(oid)) continue;
      const known = await this.rows.get(commitKey(oid));
      if (known !== undefined) {
        generations.set(oid, (JSON.parse(known) as CommitRow).generation);
        continue;
      }
      const commit = await this.repo.readCommit(oid);
      const parents = shallow.has(oid) ? [] : commit.parents;
      fresh.set(oid, { commit, parents });
      open.push(...parents);
    }
    for (const oid of parentsFirst(fresh)) {
      const { commit, parents } = fresh.get(oid)!;
      const generation = 1 + Math.max(0, ...parents.map((parent) => generations.get(parent) ?? 0));
      generations.set(oid, generation);
      const { changes } = await this.project(commit, generation, parents);
      for (const change of changes) await this.push(change);
    }
  }

  async foldMetrics(from: string | undefined, to: string | undefined): Promise<void> {
    for (const oid of await changedNotes(this.repo, from, to)) {
      const [old, now] = [from, to].map(async (tree) =>
        tree === undefined ? [] : numbersIn(await factsAt(this.repo, tree, oid)),
      );
      for (const { metric, value } of await old!)
        await this.push({ key: metricKey(metric, value, oid), value: undefined });
      for (const { metric, value } of await now!) await this.push({ key: metricKey(metric, value, oid), value: '' });
    }
  }

  async finish(watermark: Watermark): Promise<void> {
    this.pending.push({ key: STATE, value: JSON.stringify(watermark) });
    if (this.isMarked) this.pending.push({ key: DIRTY, value: undefined });
    await this.rows.batch(this.pending);
  }

  // A fold of one batch is atomic by itself; a longer one leaves a mark until its end [IX-5].
  private async push(change: RowChange): Promise<void> {
    this.pending.push(change);
    if (this.pending.length >= BATCH) await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    if (!this.isMarked) this.pending.push({ key: DIRTY, value: '1' });
    this.isMarked = true;
    await this.rows.batch(this.pending);
    this.pending = [];
  }

  private async project(
    commit: FoldedCommit,
    generation: number,
    parents: readonly string[],
  ): Promise<{ changes: RowChange[] }> {
    const trailers = parseTrailers(commit.message);
    const parentTree = parents[0] === undefined ? undefined : await this.treeOfCommit(parents[0]);
    const files = new Set<string>();
    await this.changedFiles(parentTree, commit.tree, '', files);
    this.remember(commit.oid, commit.tree);
    const graphs = graphDigests(trailers);
    const row: CommitRow = {
      generation,
      parents,
      time: commit.committer.timestamp,
      subject: commit.message.split('\n', 1)[0] ?? '',
      actor: trailerValue(trailers, 'Cwf-Actor'),
      op: trailerValue(trailers, 'Cwf-Op'),
      files: Object.fromEntries([...files].sort().map((file) => [file, { graph: graphs.get(file) }])),
    };
    const changes: RowChange[] = [{ key: commitKey(commit.oid), value: JSON.stringify(row) }];
    const patches = statedPatches(trailers);
    for (const file of files) {
      // The tree has the last word: a file that differs without a stated patch is one change of the whole file, and
      // a patch for a file that does not differ (a message copied by plain git) is none.
      for (const [path, op] of patches.get(file) ?? [['', undefined] as const]) {
        changes.push({ key: changeKey(file, path, generation, commit.oid), value: op ?? '' });
      }
    }
    return { changes };
  }

  private async treeOfCommit(oid: string): Promise<string> {
    return this.treeOf.get(oid) ?? (await this.repo.readCommit(oid)).tree;
  }

  private remember(oid: string, tree: string): void {
    if (this.treeOf.size > 10_000) this.treeOf.clear();
    this.treeOf.set(oid, tree);
  }

  private async changedFiles(
    a: string | undefined,
    b: string | undefined,
    prefix: string,
    out: Set<string>,
  ): Promise<void> {
    if (a === b) return;
    const left = new Map((a === undefined ? [] : await this.tree(a)).map((entry) => [entry.name, entry]));
    const right = new Map((b === undefined ? [] : await this.tree(b)).map((entry) => [entry.name, entry]));
    for (const name of new Set([...left.keys(), ...right.keys()])) {
      const [before, after] = [left.get(name), right.get(name)];
      if (before?.oid === after?.oid && before?.mode === after?.mode) continue;
      const path = prefix + Buffer.from(name, 'latin1').toString('utf8');
      const folder = (entry: RawTreeEntry | undefined): string | undefined =>
        entry?.mode === '40000' ? entry.oid : undefined;
      if (folder(before) !== undefined || folder(after) !== undefined) {
        await this.changedFiles(folder(before), folder(after), `${path}/`, out);
      }
      const isFile = (entry: RawTreeEntry | undefined): boolean => entry !== undefined && entry.mode !== '40000';
      if (path.endsWith('.json') && (isFile(before) || isFile(after))) out.add(path);
    }
  }

  private async tree(oid: string): Promise<RawTreeEntry[]> {
    const known = this.trees.get(oid);
    if (known !== undefined) return known;
    if (this.trees.size > 500) this.trees.clear();
    const entries = decodeTree(oid, (await this.repo.readObject(oid)).body);
    this.trees.set(oid, entries);
    return entries;
  }
}

/** The oids of a set of commits, every parent in the set before its children. */
function* parentsFirst(commits: ReadonlyMap<string, { readonly parents: readonly string[] }>): Generator<string> {
  const done = new Set<string>();
  for (const start of commits.keys()) {
    const stack = [start];
    while (stack.length > 0) {
      const oid = stack.at(-1)!;
      const waiting = done.has(oid) ? [] : commits.get(oid)!.parents.filter((p) => commits.has(p) && !done.has(p));
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (!done.has(oid)) yield oid;
      done.add(oid);
    }
  }
}

function numbersIn(facts: readonly Json[]): { metric: string; value: number }[] {
  return facts.flatMap((fact) => {
    if (!isObject(fact) || typeof fact['metric'] !== 'string') return [];
    const value = typeof fact['value'] === 'bigint' ? Number(fact['value']) : fact['value'];
    return typeof value === 'number' ? [{ metric: fact['metric'], value }] : [];
  });
}
