import { CwfError } from '../base/errors.ts';
import { PROPOSAL_REFS, readProtection } from '../io/repo/protection.ts';
import { fullRefName } from '../io/repo/ref-name.ts';
import type { Oid } from '../io/repo/types.ts';
import { compareSides } from './changes.ts';
import { commit } from './commit.ts';
import type { Context } from './context.ts';
import { stageOpening, targetHere } from './landing.ts';
import { readMessage } from './log.ts';
import { type FileReport, reportOf } from './report.ts';
import { newProposalId, type Proposal, readProposals } from './review-notes.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';

/** What to propose: a branch (the one HEAD is on when absent), or the changes of the working tree. */
export interface ProposeInput {
  readonly branch?: string;
  readonly fromWorkingTree?: boolean;
  /** Short name of the branch it shall go into. */
  readonly into?: string;
  /** The subject of the last commit when absent. */
  readonly title?: string;
  readonly reason?: string;
  readonly allowSecrets?: boolean;
  readonly dryRun?: boolean;
}

/** A commit of a proposal. */
export interface ProposedCommit {
  readonly oid: Oid;
  readonly subject: string;
  readonly actor: string;
}

/** The proposal; `updated` when it was there and has new commits now. Dry without `id`, where it is a new one. */
export interface ProposeOutput {
  readonly kind: 'opened' | 'updated';
  readonly id?: string;
  readonly oid?: Oid;
  readonly title: string;
  readonly target: string;
  readonly commits: readonly ProposedCommit[];
  readonly files: readonly FileReport[];
}

/**
 * `cwf propose`: commits that are not in a branch, for somebody to look at: a ref of their own (`proposal/<id>`) and a
 * line in the notes. Proposing a branch again brings its new commits to the proposal that is open. Throws
 * PROPOSAL_EMPTY, PROPOSAL_INVALID, REV_NOT_FOUND, NO_MERGE_BASE, NOTHING_TO_COMMIT, SECRET_FOUND.
 */
export const propose = defineVerb<ProposeInput, ProposeOutput>({
  name: 'propose',
  summary: 'Propose commits for review',
  mutates: true,
  scope: 'propose',
  async run(ctx, input) {
    if (!input.fromWorkingTree) return whileStale(() => proposeBranch(ctx, input));
    if (input.branch !== undefined || input.into !== undefined)
      throw new CwfError('PROPOSAL_INVALID', {
        reason: 'the working tree goes into the branch you are on, and no branch is named with it',
      });
    const { reason, title, allowSecrets, dryRun } = input;
    const out = await commit.run(ctx, { propose: true, message: title, reason, allowSecrets, dryRun });
    const target = await targetHere(ctx);
    const commits = out.oid === undefined ? [] : [{ oid: out.oid, subject: out.subject, actor: ctx.actor }];
    const made = out.oid === undefined ? {} : { id: out.proposal!, oid: out.oid };
    return { kind: 'opened', ...made, title: out.subject, target, commits, files: out.files };
  },
});

async function proposeBranch(ctx: Context, input: ProposeInput): Promise<ProposeOutput> {
  const { repo } = ctx;
  const head = await settledHead(ctx);
  const source = await sourceOf(ctx, input, head.branch);
  const target = await targetOf(ctx, input, head.branch, source.branch);
  const tip = await repo.readRef(`refs/heads/${target}`);
  if (tip === undefined)
    throw new CwfError('REV_NOT_FOUND', { rev: target }, { hint: 'It is no branch to go into; see `cwf branch`.' });
  const what = source.branch ?? source.oid.slice(0, 8);
  if (await repo.isAncestor(source.oid, tip)) throw new CwfError('PROPOSAL_EMPTY', { target, what });
  const [base] = await repo.mergeBases(tip, source.oid);
  if (base === undefined) throw new CwfError('NO_MERGE_BASE', { a: target, b: what });
  const commits = await commitsOf(ctx, tip, source.oid);
  const files = await filesOf(ctx, base, source.oid);
  const known = await openFor(ctx, source.branch, target);
  const title = known?.review.title ?? (input.title?.trim() || commits[0]!.subject || what);
  const told = { title, target, commits, files };
  if (known?.head === source.oid) throw new CwfError('PROPOSAL_EMPTY', { target: `proposal/${known.id}`, what });
  const id = known?.id ?? newProposalId();
  const landing = { id, ref: PROPOSAL_REFS + id, start: base, from: known?.head ?? null, target };
  const kind = known ? 'updated' : 'opened';
  if (input.dryRun) return { kind, ...(known ? { id } : {}), ...told };
  await repo.transaction({ command: 'propose', actor: ctx.actor }, async (tx) => {
    tx.setRef(landing.ref, source.oid, landing.from);
    await stageOpening(ctx, tx, landing, source.oid, {
      title,
      text: input.reason,
      ...(source.branch === undefined ? {} : { branch: source.branch }),
    });
  });
  return { kind, id, oid: source.oid, ...told };
}

/** What is proposed: a branch by its short name, or a commit alone. */
async function sourceOf(
  ctx: Context,
  { branch }: ProposeInput,
  here: string | undefined,
): Promise<{ readonly branch?: string; readonly oid: Oid }> {
  const oid = await ctx.repo.resolve(branch ?? 'HEAD');
  const ref = branch === undefined ? here : isBranchName(branch) ? fullRefName(branch, 'refs/heads/') : undefined;
  const isBranch = ref !== undefined && (await ctx.repo.readRef(ref)) !== undefined;
  return isBranch ? { branch: ref.slice('refs/heads/'.length), oid } : { oid };
}

function isBranchName(word: string): boolean {
  return word !== 'HEAD' && word !== '@' && !/[~^:]/.test(word) && !word.startsWith('refs/');
}

/** The branch it goes into: the one named, else the one HEAD is on, else the default branch. */
async function targetOf(
  ctx: Context,
  { into }: ProposeInput,
  here: string | undefined,
  source: string | undefined,
): Promise<string> {
  if (into !== undefined) fullRefName(into, 'refs/heads/');
  const isAway = here !== undefined && here !== `refs/heads/${source}`;
  const standard = isAway ? here : (await readProtection(ctx.repo)).defaultBranch;
  const target = into ?? standard?.slice('refs/heads/'.length);
  if (target === undefined)
    throw new CwfError('PROPOSAL_INVALID', { reason: 'no default branch is known: name the one to go into (--into)' });
  if (target === source)
    throw new CwfError(
      'PROPOSAL_INVALID',
      { reason: `${target} would go into itself` },
      {
        hint: 'Name the branch with the commits, or one it shall go into (--into); what is not committed yet is proposed with --from-working-tree.',
      },
    );
  return target;
}

/** The open proposal that a branch was made into before. */
async function openFor(ctx: Context, branch: string | undefined, target: string): Promise<Proposal | undefined> {
  if (branch === undefined) return undefined;
  return (await readProposals(ctx)).find(
    ({ review, joined }) => review.branch === branch && review.target === target && review.state === 'open' && !joined,
  );
}

/** The commits that another one (the tip of the target) has not, newest first. */
export async function commitsOf(ctx: Context, other: Oid | undefined, head: Oid): Promise<ProposedCommit[]> {
  const commits: ProposedCommit[] = [];
  for await (const { oid, message } of ctx.repo.walk([head], other === undefined ? {} : { until: [other] })) {
    const { subject, actor } = readMessage(message);
    commits.push({ oid, subject, actor: actor ?? 'person' });
  }
  return commits;
}

/** What a proposal changes, by file. */
export async function filesOf(ctx: Context, base: Oid | undefined, head: Oid): Promise<FileReport[]> {
  await ctx.loadCatalog();
  const changes = await compareSides(await loadWorkflows(ctx, base), await loadWorkflows(ctx, head));
  return changes.map(reportOf);
}
