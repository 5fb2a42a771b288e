import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { readMessage } from './log.ts';
import { orHint } from './mistaken.ts';
import { findOutputName, isHere, isOutputWord, namedOutputs, outputsOf } from './output-names.ts';
import { readRuns } from './run-note.ts';

/** Something that can be chosen: a commit, or an output by its hash. `about` is the commit's subject. */
export interface Candidate {
  readonly id: string;
  readonly kind: 'commit' | 'output';
  readonly about: string;
  /** What there is to look at, as hashes of outputs: itself, or the pictures of the last run of the commit that has any. */
  readonly pictures: readonly string[];
}

/** The candidates that words name: revisions, or outputs as `sha256:<digits>`. Throws REV_NOT_FOUND, OUTPUT_FILE_NOT_FOUND. */
export async function resolveCandidates(ctx: Context, words: readonly string[]): Promise<string[]> {
  const named = words.some(isOutputWord) ? (await namedOutputs(ctx)).keys() : [];
  const known = [...named];
  const found: string[] = [];
  for (const word of words) {
    if (isOutputWord(word)) found.push(findOutputName(outputsOf(ctx), word, known));
    else {
      const hint = 'Name a commit or a branch; an output is `sha256:` and digits of its hash, see `cwf output ls`.';
      found.push(await orHint(ctx.repo.resolve(word), hint));
    }
  }
  return found;
}

/** As `resolveCandidates`, where `a..b` stands for every commit in b and not in a. */
export async function resolveAmong(ctx: Context, words: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const word of words) {
    const at = word.indexOf('..');
    if (at < 0) for (const id of await resolveCandidates(ctx, [word])) found.add(id);
    else {
      const [from, to] = await resolveCandidates(ctx, [word.slice(0, at) || 'HEAD', word.slice(at + 2) || 'HEAD']);
      for await (const { oid } of ctx.repo.walk([to!], { until: [from!] })) found.add(oid);
    }
  }
  return [...found];
}

/** Refuses to compare commits with outputs: a number for each would say nothing. Throws RANK_INVALID. */
export function checkOneKind(ids: readonly string[]): void {
  if (new Set(ids.map(kindOf)).size > 1)
    throw new CwfError('RANK_INVALID', { reason: 'a commit and an output cannot be compared' });
}

/** Whether an id is that of a commit or that of an output. */
export function kindOf(id: string): Candidate['kind'] {
  return id.length === 40 ? 'commit' : 'output';
}

/** What people read of candidates, in the same order. */
export async function describeCandidates(ctx: Context, ids: readonly string[]): Promise<Candidate[]> {
  const named = ids.some((id) => kindOf(id) === 'output') ? await namedOutputs(ctx) : new Map<string, Oid[]>();
  const described: Candidate[] = [];
  for (const id of ids) {
    const kind = kindOf(id);
    const commit = kind === 'commit' ? id : firstOf(named.get(id));
    const pictures = kind === 'commit' ? await picturesOf(ctx, id) : [id];
    described.push({ id, kind, about: commit === undefined ? '' : await subjectOf(ctx, commit), pictures });
  }
  return described;
}

/** Whether a candidate can still be looked at in this copy of the repository. */
export async function isThere(ctx: Context, id: string): Promise<boolean> {
  return kindOf(id) === 'commit' ? ctx.repo.objects.has(id) : isHere(ctx, id);
}

/**
 * The commit whose note is to hold a choice: the candidate, or for an output the commit whose notes name it, else HEAD
 * (git keeps notes on objects only, and drops those on objects that go away). Throws REV_NOT_FOUND without any commit.
 */
export async function anchorOf(ctx: Context, id: string): Promise<Oid> {
  if (kindOf(id) === 'commit') return id;
  for (const oid of [...((await namedOutputs(ctx)).get(id) ?? [])].sort())
    if (await ctx.repo.objects.has(oid)) return oid;
  return ctx.repo.resolve('HEAD');
}

function firstOf(oids: readonly Oid[] | undefined): Oid | undefined {
  return oids === undefined ? undefined : [...oids].sort()[0];
}

async function picturesOf(ctx: Context, commit: Oid): Promise<string[]> {
  const pictures = (await readRuns(ctx, commit)).map(({ outputs }) =>
    outputs.filter(({ type }) => type.startsWith('image/')).map(({ id }) => id),
  );
  return pictures.findLast(({ length }) => length > 0) ?? [];
}

async function subjectOf(ctx: Context, oid: Oid): Promise<string> {
  const object = await ctx.repo.readObject(oid).catch(() => undefined);
  return object?.type === 'commit' ? readMessage((await ctx.repo.readCommit(oid)).message).subject : '';
}
