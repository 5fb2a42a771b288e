import { CwfError, isCwfError } from '../base/errors.ts';
import { isClean, merge3 } from '../core/edit/merge.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import { checkPath } from '../io/repo/write-tree.ts';
import { type Change, compareFile, compareSides, workSide } from './changes.ts';
import type { Context } from './context.ts';
import { type LandingInput, landingOf, stageOpening } from './landing.ts';
import { readMessage } from './log.ts';
import { commitMessage } from './message.ts';
import { pathFilter, repoPath } from './paths.ts';
import { type Head, stageCommit } from './record.ts';
import { type FileReport, reportOf } from './report.ts';
import { describeSecret, findSecrets } from './secrets.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows, type TreeFile } from './workflows.ts';
import { type BrokenFile, readBytes, readDocument, type Scan, scanWorktree, toDocument } from './worktree.ts';

/** What to commit, and how to call it. */
export interface CommitInput extends LandingInput {
  /** Files or folders; everything when empty. */
  readonly files?: readonly string[];
  readonly message?: string;
  readonly reason?: string;
  readonly allowSecrets?: boolean;
  readonly dryRun?: boolean;
}

/** The commit that was made (or, dry, would be: then without `oid`). */
export interface CommitOutput {
  readonly oid?: Oid;
  /** Full name of the branch; absent when HEAD is detached. */
  readonly branch?: string;
  /** The proposal that it is on; then branch and working tree are what they were. */
  readonly proposal?: string;
  readonly subject: string;
  readonly files: readonly FileReport[];
  /** Files that could not be read and stay as they were in the last commit. */
  readonly broken: readonly BrokenFile[];
  /** Files into which the change of another writer was merged on the way. */
  readonly merged: readonly string[];
}

const FIRST_WORKFLOW = 'Save one from ComfyUI into this folder, or take one out of an image with `cwf import`.';
/** Another writer may be faster this often before we give up. */
const ATTEMPTS = 8;

/** `cwf commit`: all changed workflows of the working tree as one commit. Throws NOTHING_TO_COMMIT, SECRET_FOUND, STALE_HEAD. */
export const commit = defineVerb<CommitInput, CommitOutput>({
  name: 'commit',
  summary: 'Record the changed workflows',
  mutates: true,
  scope: 'propose',
  async run(ctx, input) {
    const start = await snapshot(ctx, input);
    checkNamed(ctx, input, start);
    if (start.changes.length === 0) throw nothing(start.scan);
    if (!input.allowSecrets && ctx.config.secrets === 'block') refuseSecrets(start.changes);
    if (input.propose || input.proposal !== undefined) return whileStale(() => propose(ctx, input, start));
    let plan: Plan = { head: start.head, changes: start.changes, merged: [] };
    for (let attempt = 1; ; attempt++) {
      try {
        return await record(ctx, input, plan, start.scan);
      } catch (error) {
        if (!isCwfError(error, 'REF_STALE') || attempt === ATTEMPTS) throw error;
        plan = await rebase(ctx, start, await ctx.repo.head());
        if (plan.changes.length === 0) throw nothing(start.scan);
      }
    }
  },
});

interface Snapshot {
  readonly head: Head;
  readonly files: ReadonlyMap<string, TreeFile>;
  readonly scan: Scan;
  readonly changes: readonly Change[];
}

interface Plan {
  readonly head: Head;
  readonly changes: readonly Change[];
  readonly merged: readonly string[];
}

/** HEAD and the working tree as they belong together: read again when HEAD moved meanwhile. */
async function snapshot(ctx: Context, input: CommitInput): Promise<Snapshot> {
  for (let attempt = 1; ; attempt++) {
    const head = await settledHead(ctx);
    const files = await loadWorkflows(ctx, head.oid);
    const named = (input.files ?? []).map((file) => repoPath(ctx, file)).filter((file) => file !== '');
    const scan = await scanWorktree(ctx, files.keys(), named);
    const wanted = pathFilter(ctx, input.files);
    const changes = await compareSides(files, workSide(scan, files), wanted);
    if ((await ctx.repo.head()).oid !== head.oid && attempt < ATTEMPTS) continue;
    return { head, files, scan: { ...scan, broken: scan.broken.filter(({ file }) => wanted(file)) }, changes };
  }
}

/** The changes as a commit of a proposal: made where its own tip is, without a change of the working tree. */
async function propose(ctx: Context, input: CommitInput, start: Snapshot): Promise<CommitOutput> {
  const landing = (await landingOf(ctx, input))!;
  const head = { branch: landing.ref, oid: landing.start };
  const isHere = landing.start === start.head.oid;
  const plan = isHere ? { head, changes: start.changes, merged: [] } : await rebase(ctx, start, head);
  if (plan.changes.length === 0) throw nothing(start.scan);
  const parts = partsOf(input, plan);
  const told = { ...commonOf(plan, start.scan), proposal: landing.id };
  if (input.dryRun) return { subject: dryRunSubject(ctx, parts), ...told };
  const oid = await ctx.repo.transaction({ command: 'commit', actor: ctx.actor }, async (tx) => {
    const tip = await stageCommit(ctx, tx, { ...parts, onto: landing });
    await stageOpening(ctx, tx, landing, tip, { title: await subjectOf(ctx, tip), text: input.reason });
    return tip;
  });
  return { oid, subject: await subjectOf(ctx, oid), ...told };
}

function partsOf({ message, reason }: CommitInput, { head, changes }: Plan) {
  return { head, op: 'commit' as const, changes, message, reason };
}

function commonOf({ head, changes, merged }: Plan, { broken }: Scan) {
  return { branch: head.branch, files: changes.map(reportOf), broken, merged };
}

function dryRunSubject(ctx: Context, parts: ReturnType<typeof partsOf>): string {
  return readMessage(commitMessage({ ...parts, actor: ctx.actor, catalogHash: ctx.catalog.hash })).subject;
}

async function subjectOf(ctx: Context, oid: Oid): Promise<string> {
  return readMessage((await ctx.repo.readCommit(oid)).message).subject;
}

async function record(ctx: Context, input: CommitInput, plan: Plan, scan: Scan): Promise<CommitOutput> {
  const parts = partsOf(input, plan);
  const common = commonOf(plan, scan);
  if (input.dryRun) return { subject: dryRunSubject(ctx, parts), ...common };
  const oid = await ctx.repo.transaction({ command: 'commit', actor: ctx.actor }, async (tx) => {
    for (const change of plan.changes) {
      if (plan.merged.includes(change.file)) writeMerged(ctx, tx, change, scan, plan.head);
    }
    return stageCommit(ctx, tx, parts);
  });
  return { oid, subject: await subjectOf(ctx, oid), ...common };
}

/**
 * The same changes on top of a tip that moved: a file the other writer left alone is taken as it is, one that both
 * changed is merged. Throws STALE_HEAD when a merge needs a decision.
 */
async function rebase(ctx: Context, start: Snapshot, head: Head): Promise<Plan> {
  const tip = await loadWorkflows(ctx, head.oid);
  const changes: Change[] = [];
  const merged: string[] = [];
  const stale: string[] = [];
  for (const { file, from, after } of start.changes) {
    const theirs = await tip.get(file)?.workflow();
    if (tip.get(file)?.oid === start.files.get(file)?.oid) {
      push(changes, compareFile(file, theirs, after));
    } else {
      const result = mergeOnto(await start.files.get(file)?.workflow(), after, theirs);
      if (result === 'conflict') stale.push(file);
      else if (push(changes, compareFile(file, theirs, result)) && result !== undefined) merged.push(file);
    }
    // The old name of a renamed file goes only if nobody changed it meanwhile.
    if (from !== undefined && tip.get(from)?.oid === start.files.get(from)?.oid) {
      push(changes, compareFile(from, await tip.get(from)?.workflow(), undefined));
    }
  }
  if (stale.length > 0) throw new CwfError('STALE_HEAD', { ref: head.branch ?? 'HEAD', files: stale });
  return { head, changes, merged };
}

function mergeOnto(
  base: Workflow | undefined,
  ours: Workflow | undefined,
  theirs: Workflow | undefined,
): Workflow | undefined | 'conflict' {
  if (ours === undefined && theirs === undefined) return undefined;
  if (ours === undefined || theirs === undefined) return 'conflict';
  const result = merge3(base, ours, theirs);
  return isClean(result) ? result.workflow : 'conflict';
}

function push(changes: Change[], change: Change | undefined): boolean {
  if (change) changes.push(change);
  return change !== undefined;
}

/** The user's file takes the merged content too: else the next commit would undo the other writer's part. */
function writeMerged(ctx: Context, tx: Transaction, { file, after }: Change, scan: Scan, head: Head): void {
  const expected = readBytes(ctx, file);
  if (readDocument(ctx, expected, file).oid !== scan.workflows.get(file)?.oid) {
    throw new CwfError('STALE_HEAD', { ref: head.branch ?? 'HEAD', files: file });
  }
  tx.writeFile(file, toDocument(after!).bytes, { expected });
}

/** Every name the user gave must be a workflow, now or in the last commit. */
function checkNamed(ctx: Context, input: CommitInput, { files, scan }: Snapshot): void {
  for (const name of input.files ?? []) {
    const path = repoPath(ctx, name);
    if (path !== '') checkPath(path);
    const broken = scan.broken.find(({ file }) => file === path);
    if (broken) readDocument(ctx, readBytes(ctx, path), path);
    const inside = [...files.keys(), ...scan.workflows.keys()];
    if (path !== '' && !inside.some((file) => file === path || file.startsWith(`${path}/`))) {
      readDocument(ctx, namedBytes(ctx, path), path);
    }
  }
}

/** The bytes of a file that was named; a word that is none may be a message without its flag. */
function namedBytes(ctx: Context, path: string): Buffer {
  try {
    return readBytes(ctx, path);
  } catch (error) {
    if (!isCwfError(error, 'FILE_NOT_FOUND') || path.endsWith('.json')) throw error;
    throw new CwfError(error.code, error.data, { cause: error, hint: 'Check the name; a message stands after -m.' });
  }
}

function refuseSecrets(changes: readonly Change[]): void {
  const secrets = changes.flatMap(({ file, before, after }) => (after ? findSecrets(file, after, before) : []));
  if (secrets.length === 0) return;
  throw new CwfError('SECRET_FOUND', { count: secrets.length, places: secrets.map(describeSecret) });
}

function nothing(scan: Scan): CwfError {
  const { broken, workflows } = scan;
  const why =
    broken.length > 0
      ? `no readable workflow changed, and ${broken.length} cannot be read: ${broken.map(({ file }) => file).join(', ')}`
      : workflows.size === 0
        ? 'there is no workflow here'
        : undefined;
  const hint = workflows.size === 0 && broken.length === 0 ? { hint: FIRST_WORKFLOW } : {};
  return new CwfError('NOTHING_TO_COMMIT', { why, broken: broken.map(({ message }) => message) }, hint);
}
