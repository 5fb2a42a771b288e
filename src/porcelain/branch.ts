import { CwfError, isCwfError } from '../base/errors.ts';
import { fullRefName } from '../io/repo/ref-name.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { splitMessage } from './message.ts';
import { defineVerb } from './verb.ts';

/** Without a name the branches are listed; with one, a branch is made, deleted or renamed. */
export interface BranchInput {
  readonly name?: string;
  readonly start?: string;
  /** `merged` refuses when commits would be on no branch any more; `force` does not. */
  readonly remove?: 'merged' | 'force';
  readonly rename?: string;
}

/** The branches after the command, sorted by name. */
export interface BranchOutput {
  readonly branches: readonly { name: string; oid: Oid; current: boolean; subject: string }[];
}

/** `cwf branch`. Throws REF_INVALID, REF_EXISTS, REF_CONFLICT, REV_NOT_FOUND, BRANCH_NOT_MERGED, BRANCH_IN_USE. */
export const branch = defineVerb<BranchInput, BranchOutput>({
  name: 'branch',
  summary: 'List, make, rename or delete branches',
  mutates: true,
  drops: true,
  lists: true,
  async run(ctx, input) {
    const { repo } = ctx;
    if (input.name !== undefined) await change(ctx, input.name, input);
    const head = await repo.head();
    const branches = [];
    for (const { ref, oid } of await repo.listRefs('refs/heads/')) {
      // One branch that leads nowhere must not hide the others.
      const subject = await subjectOf(ctx, oid);
      branches.push({ name: ref.slice('refs/heads/'.length), oid, current: ref === head.branch, subject });
    }
    return { branches };
  },
});

async function change(ctx: Context, name: string, input: BranchInput): Promise<void> {
  const { repo } = ctx;
  const ref = fullRefName(name, 'refs/heads/');
  const oid = await repo.readRef(ref);
  const head = await repo.head();
  const meta = { command: 'branch', actor: ctx.actor };
  if (input.remove) {
    if (oid === undefined) throw noBranch(name);
    if (ref === head.branch) throw new CwfError('BRANCH_IN_USE', { ref: name });
    const isMerged = async (): Promise<boolean> => head.oid !== undefined && repo.isAncestor(oid, head.oid);
    if (input.remove === 'merged' && !(await isMerged())) throw new CwfError('BRANCH_NOT_MERGED', { ref: name });
    await repo.transaction(meta, async (tx) => tx.setRef(ref, null, oid));
  } else if (input.rename !== undefined) {
    if (oid === undefined) throw noBranch(name);
    const to = fullRefName(input.rename, 'refs/heads/');
    if ((await repo.readRef(to)) !== undefined) throw new CwfError('REF_EXISTS', { ref: input.rename });
    await repo.transaction(meta, async (tx) => {
      tx.setRef(ref, null, oid);
      tx.setRef(to, oid, null);
      if (ref === head.branch) tx.setHead({ branch: to });
    });
  } else {
    if (oid !== undefined) throw new CwfError('REF_EXISTS', { ref: name });
    const start = await repo.resolve(input.start ?? 'HEAD');
    await repo.transaction(meta, async (tx) => tx.setRef(ref, start, null));
  }
}

const FSCK = '`cwf fsck`';

/** The subject of the commit a branch stands at, or what is wrong with it. */
async function subjectOf(ctx: Context, oid: Oid): Promise<string> {
  try {
    const [subject] = splitMessage((await ctx.repo.readCommit(oid)).message);
    return subject;
  } catch (error) {
    if (!isCwfError(error, 'NOT_A_COMMIT', 'REV_NOT_FOUND', 'OBJECT_CORRUPT')) throw error;
    return error.code === 'NOT_A_COMMIT' ? `(no commit; see ${FSCK})` : `(damaged; see ${FSCK})`;
  }
}

function noBranch(name: string): CwfError {
  return new CwfError('REV_NOT_FOUND', { rev: name }, { hint: 'It is no branch; see `cwf branch`.' });
}
