import { CwfError } from '../base/errors.ts';
import type { Edit } from '../core/edit/edit.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Change, compareFile } from './changes.ts';
import type { Context } from './context.ts';
import { type Brought, broughtErrors, refuseErrors } from './edit-findings.ts';
import { type LandingInput, landingOf, stageOpening } from './landing.ts';
import { readMessage } from './log.ts';
import { commitMessage } from './message.ts';
import { repoPath } from './paths.ts';
import { stageCommit } from './record.ts';
import { type FileReport, reportOf } from './report.ts';
import { describeSecret, findSecrets } from './secrets.ts';
import { settledHead, whileStale } from './settled.ts';
import { loadWorkflows, workflowAt } from './workflows.ts';
import { readBytes, readDocument, toDocument } from './worktree.ts';

/** How an edit becomes a commit. */
export interface RecordOptions extends LandingInput {
  readonly file: string;
  readonly message?: string;
  readonly reason?: string;
  /** Refuses what brings errors, which are told else. */
  readonly strict?: boolean;
  readonly allowSecrets?: boolean;
  readonly dryRun?: boolean;
}

/** What an edit made of a workflow. */
export interface Edited {
  readonly file: FileReport;
  readonly edits: readonly Edit[];
  /** The errors it brought. */
  readonly brought: readonly Brought[];
}

/** The commit of an edit; dry without `oid`. */
export interface RecordedEdit extends Edited {
  readonly oid?: Oid;
  readonly branch?: string;
  /** The proposal that it is on. */
  readonly proposal?: string;
  readonly subject: string;
}

/**
 * Edits a committed workflow by `make`: its file and one commit. `make` may run again, where another writer was faster.
 * What is proposed is edited as it is committed, and lands on a proposal: no file and no branch changes. Throws
 * UNCOMMITTED_CHANGES, NOTHING_TO_COMMIT, EDIT_REFUSED, SECRET_FOUND, and what `make` throws.
 */
export async function recordEdit<T extends { readonly after: Workflow }>(
  ctx: Context,
  command: 'set' | 'edit' | 'connect',
  options: RecordOptions,
  make: (before: Workflow, file: string) => T,
): Promise<{ readonly made: T; readonly recorded: RecordedEdit }> {
  const file = repoPath(ctx, options.file);
  return whileStale(() => recordOnce(ctx, command, options, file, make));
}

/** What an edit made, told. Throws NOTHING_TO_COMMIT where it is what it was, EDIT_REFUSED. */
export function editedFrom(
  before: Workflow,
  after: Workflow,
  ctx: Pick<Context, 'catalog'>,
  { file, strict = false }: Pick<RecordOptions, 'file' | 'strict'>,
): { readonly change: Change; readonly edited: Edited } {
  const change = compareFile(file, before, after);
  if (change === undefined) throw new CwfError('NOTHING_TO_COMMIT', { why: 'the workflow is what it was' });
  const brought = broughtErrors(before, after, ctx.catalog, file);
  if (strict) refuseErrors(brought, file);
  return { change, edited: { file: reportOf(change), edits: change.edits, brought } };
}

async function recordOnce<T extends { readonly after: Workflow }>(
  ctx: Context,
  command: 'set' | 'edit' | 'connect',
  options: RecordOptions,
  file: string,
  make: (before: Workflow, file: string) => T,
): Promise<{ readonly made: T; readonly recorded: RecordedEdit }> {
  const landing = await landingOf(ctx, options);
  const head = landing ? { branch: landing.ref, oid: landing.start } : await settledHead(ctx);
  const bytes = landing ? undefined : readBytes(ctx, file);
  const before = bytes ? await committedAs(ctx, head.oid, file, bytes) : await workflowAt(ctx, head.oid!, file);
  const made = make(before, file);
  const { after } = made;
  const { change, edited } = editedFrom(before, after, ctx, { file, strict: options.strict });
  const secrets = options.allowSecrets || ctx.config.secrets === 'allow' ? [] : findSecrets(file, after, before);
  if (secrets.length > 0)
    throw new CwfError('SECRET_FOUND', { count: secrets.length, places: secrets.map(describeSecret) });
  const { message, reason } = options;
  const op = command === 'set' ? ('set' as const) : ('edit' as const);
  const plan = { head, op, changes: [change], message, reason };
  const told = { branch: head.branch, ...(landing ? { proposal: landing.id } : {}), ...edited };
  if (options.dryRun) {
    const text = commitMessage({ ...plan, actor: ctx.actor, catalogHash: ctx.catalog.hash });
    return { made, recorded: { subject: readMessage(text).subject, ...told } };
  }
  const oid = await ctx.repo.transaction({ command, actor: ctx.actor }, async (tx) => {
    if (!landing) {
      tx.writeFile(file, toDocument(after).bytes, { expected: bytes! });
      return stageCommit(ctx, tx, plan);
    }
    const tip = await stageCommit(ctx, tx, { ...plan, onto: landing });
    await stageOpening(ctx, tx, landing, tip, { title: await subjectOf(ctx, tip), text: reason });
    return tip;
  });
  const subject = await subjectOf(ctx, oid);
  return { made, recorded: { oid, subject, ...told } };
}

async function subjectOf(ctx: Context, oid: Oid): Promise<string> {
  return readMessage((await ctx.repo.readCommit(oid)).message).subject;
}

/** The committed workflow, which the working file must be. Throws UNCOMMITTED_CHANGES. */
async function committedAs(ctx: Context, head: Oid | undefined, file: string, bytes: Buffer): Promise<Workflow> {
  const work = readDocument(ctx, bytes, file);
  const before = await (await loadWorkflows(ctx, head)).get(file)?.workflow();
  if (before === undefined || toDocument(before).oid !== work.oid)
    throw new CwfError('UNCOMMITTED_CHANGES', { files: file });
  return before;
}
