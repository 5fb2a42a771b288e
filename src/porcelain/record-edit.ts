import { CwfError } from '../base/errors.ts';
import type { Edit } from '../core/edit/edit.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Change, compareFile } from './changes.ts';
import type { Context } from './context.ts';
import { type Brought, broughtErrors, refuseErrors } from './edit-findings.ts';
import { readMessage } from './log.ts';
import { commitMessage } from './message.ts';
import { repoPath } from './paths.ts';
import { stageCommit } from './record.ts';
import { type FileReport, reportOf } from './report.ts';
import { describeSecret, findSecrets } from './secrets.ts';
import { settledHead, whileStale } from './settled.ts';
import { loadWorkflows } from './workflows.ts';
import { readBytes, readDocument, toDocument } from './worktree.ts';

/** How an edit becomes a commit. */
export interface RecordOptions {
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
  readonly subject: string;
}

/**
 * Edits a committed workflow by `make`: its file and one commit. `make` may run again, where another writer was faster.
 * Throws UNCOMMITTED_CHANGES, NOTHING_TO_COMMIT, EDIT_REFUSED, SECRET_FOUND, and what `make` throws.
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
  const head = await settledHead(ctx);
  const bytes = readBytes(ctx, file);
  const work = readDocument(ctx, bytes, file);
  const before = await (await loadWorkflows(ctx, head.oid)).get(file)?.workflow();
  if (before === undefined || toDocument(before).oid !== work.oid)
    throw new CwfError('UNCOMMITTED_CHANGES', { files: file });
  const made = make(before, file);
  const { after } = made;
  const { change, edited } = editedFrom(before, after, ctx, { file, strict: options.strict });
  const secrets = options.allowSecrets || ctx.config.secrets === 'allow' ? [] : findSecrets(file, after, before);
  if (secrets.length > 0)
    throw new CwfError('SECRET_FOUND', { count: secrets.length, places: secrets.map(describeSecret) });
  const { message, reason } = options;
  const op = command === 'set' ? ('set' as const) : ('edit' as const);
  const plan = { head, op, changes: [change], message, reason };
  const told = { branch: head.branch, ...edited };
  if (options.dryRun) {
    const text = commitMessage({ ...plan, actor: ctx.actor, catalogHash: ctx.catalog.hash });
    return { made, recorded: { subject: readMessage(text).subject, ...told } };
  }
  const oid = await ctx.repo.transaction({ command, actor: ctx.actor }, async (tx) => {
    tx.writeFile(file, toDocument(after).bytes, { expected: bytes });
    return stageCommit(ctx, tx, plan);
  });
  const { subject } = readMessage((await ctx.repo.readCommit(oid)).message);
  return { made, recorded: { oid, subject, ...told } };
}
