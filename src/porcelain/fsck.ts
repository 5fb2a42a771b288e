import { CwfError, isCwfError } from '../base/errors.ts';
import { fsckRepo } from '../io/repo/fsck.ts';
import { isAgent, PROTECT_REF } from '../io/repo/protection.ts';
import type { Commit, Oid } from '../io/repo/types.ts';
import { isCatalogRef } from './catalog-store.ts';
import type { Context } from './context.ts';
import { type Replayed, replayCommit } from './replay.ts';
import { defineVerb } from './verb.ts';

/** One thing that is wrong, or worth knowing. */
export interface FsckFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly where: string;
  readonly message: string;
  readonly hint?: string;
  readonly repaired?: string;
}

/** What was checked and found. `replayed`: patches that gave their snapshot; `derived`: commits without a patch. */
export interface FsckOutput {
  readonly commits: number;
  readonly replayed: number;
  readonly derived: number;
  readonly findings: readonly FsckFinding[];
}

/**
 * `cwf fsck`: the structure of the repository, then every patch from the roots on, applied to the parent's document
 * and compared with the snapshot, byte for byte of the canonical text. [RP-12]
 */
export const fsck = defineVerb<{ readonly repair?: boolean }, FsckOutput>({
  name: 'fsck',
  summary: 'Check the repository, and replay every patch',
  mutates: true,
  async run(ctx, { repair }) {
    // A repair moves refs to what their reflogs say, and is no transaction.
    if (repair && isAgent(ctx.actor))
      throw new CwfError('PROTECT_DENIED', { actor: ctx.actor, what: 'repair the repository' });
    await ctx.loadCatalog();
    const findings: FsckFinding[] = [];
    for await (const found of fsckRepo(ctx.repo, { repair })) {
      const { path, oid, ...rest } = found;
      findings.push({ ...rest, where: oid ?? path ?? 'the repository' });
    }
    const counts = { commits: 0, replayed: 0, derived: 0 };
    const isBroken = findings.some(({ severity, repaired }) => severity === 'error' && !repaired);
    // What is read from damaged objects would only repeat the same complaints.
    const shallow = await ctx.repo.shallow();
    for (const commit of isBroken ? [] : await history(ctx)) {
      // Where a shallow clone was cut there is no parent to replay on.
      if (shallow.has(commit.oid)) {
        counts.commits++;
        continue;
      }
      const { derived, replayed, ...rest } = await replayCommit(ctx, commit);
      counts.commits++;
      counts.replayed += replayed;
      if (derived) counts.derived++;
      findings.push(...findingsOf(commit.oid, rest));
    }
    return { ...counts, findings };
  },
});

/** Every commit of workflows, the oldest first: each replay then starts from the document the one before gave. */
async function history(ctx: Context): Promise<Commit[]> {
  const tips = new Set<Oid>();
  for (const { ref } of await ctx.repo.listRefs('refs/')) {
    // The operation log and notes are commits too, but of no workflows.
    if (ref.startsWith('refs/cwf/op/') || ref.startsWith('refs/notes/') || ref.startsWith('refs/stash')) continue;
    if (isCatalogRef(ref) || ref === PROTECT_REF) continue;
    try {
      tips.add(await ctx.repo.resolve(ref));
    } catch (error) {
      // A tag may name a file or a folder; there is nothing to replay in it.
      if (!isCwfError(error, 'NOT_A_COMMIT')) throw error;
    }
  }
  const { oid } = await ctx.repo.head();
  if (oid !== undefined) tips.add(oid);
  const commits: Commit[] = [];
  for await (const commit of ctx.repo.walk([...tips])) commits.push(commit);
  return commits.reverse();
}

const EXCUSES = {
  rewritten: {
    code: 'REWRITTEN',
    message: 'plain git rewrote it (amend, rebase, cherry-pick), and its message tells of the commit it was',
    hint: 'Harmless: what changed is told from its snapshots, as for any commit of plain git.',
  },
  'other-catalog': {
    code: 'REPLAY_OTHER_CATALOG',
    message: 'it was made with other node definitions, and its patch cannot be replayed with these',
    hint: 'Harmless: its snapshots are whole.',
  },
} as const;

function findingsOf(oid: Oid, { faults, excuse }: Pick<Replayed, 'faults' | 'excuse'>): FsckFinding[] {
  const [first] = faults;
  if (first === undefined) return [];
  if (excuse !== undefined) return [{ severity: 'warning', where: oid, ...EXCUSES[excuse] }];
  const hint = 'The snapshot is what counts; `cwf show` tells what it really changed.';
  return faults.map(({ code, file, message }) => ({
    code,
    severity: 'error' as const,
    where: file === '' ? oid : `${oid}:${file}`,
    message,
    hint,
  }));
}
