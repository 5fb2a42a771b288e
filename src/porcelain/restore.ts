import { CwfError } from '../base/errors.ts';
import { findViolations } from '../core/edit/violations.ts';
import { parseAddress, parseNodeAddress } from '../core/workflow/address.ts';
import { scopeAt, withNode } from '../core/workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import { readWorking } from '../io/repo/working-files.ts';
import { compareFile } from './changes.ts';
import { type Entry, entriesOf } from './checkout.ts';
import type { Context } from './context.ts';
import { repoPath } from './paths.ts';
import { type FileReport, reportOf } from './report.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';
import { workflowAt } from './workflows.ts';
import { readBytes, readDocument, toDocument } from './worktree.ts';

/** What to take from where: whole files, or single inputs of one file. */
export interface RestoreInput {
  readonly files: readonly string[];
  /** HEAD when absent. */
  readonly source?: string;
  /** Addresses (`address.ts`) in the source; then `files` is one workflow. */
  readonly inputs?: readonly string[];
  readonly dryRun?: boolean;
}

/** The files that changed; those that were like the source already are not named. */
export interface RestoreOutput {
  readonly source: Oid;
  readonly files: readonly string[];
  /** With inputs: what changed in the working file. */
  readonly report?: FileReport;
}

/**
 * `cwf restore`: files of the working tree as a commit has them. Uncommitted changes of these files go; `cwf undo`
 * brings them back. Throws REV_NOT_FOUND, FILE_NOT_FOUND, INPUT_NOT_FOUND, NODE_NOT_FOUND, VALUE_INVALID.
 */
export const restore = defineVerb<RestoreInput, RestoreOutput>({
  name: 'restore',
  summary: 'Put files, or single values, back as a commit has them',
  mutates: true,
  run: (ctx, input) => whileStale(() => (input.inputs?.length ? restoreInputs(ctx, input) : restoreFiles(ctx, input))),
});

async function restoreFiles(ctx: Context, input: RestoreInput): Promise<RestoreOutput> {
  await settledHead(ctx);
  const source = await ctx.repo.resolve(input.source ?? 'HEAD');
  const entries = await entriesOf(ctx, source);
  const wanted = new Map<string, Entry>();
  for (const name of input.files) {
    const path = repoPath(ctx, name);
    const found = [...entries].filter(([file]) => path === '' || file === path || file.startsWith(`${path}/`));
    if (found.length === 0) throw new CwfError('FILE_NOT_FOUND', { file: name, where: `in ${input.source ?? 'HEAD'}` });
    // Links and submodules are git's own matter.
    for (const [file, entry] of found) if (entry.mode.startsWith('100')) wanted.set(file, entry);
  }
  const files: string[] = [];
  await ctx.repo.transaction({ command: 'restore', actor: ctx.actor }, async (tx) => {
    for (const [file, { oid }] of wanted) {
      const now = readWorking(ctx.repo.workDir, file);
      const bytes = (await ctx.repo.readObject(oid)).body;
      if (now !== undefined && Buffer.compare(now, bytes) === 0) continue;
      files.push(file);
      if (!input.dryRun) tx.writeFile(file, bytes, { expected: now ?? null });
    }
  });
  return { source, files };
}

async function restoreInputs(ctx: Context, input: RestoreInput): Promise<RestoreOutput> {
  await ctx.loadCatalog();
  await settledHead(ctx);
  const [name, ...more] = input.files;
  if (name === undefined || more.length > 0)
    throw new CwfError('USAGE', { command: 'restore', reason: 'single inputs are taken into one file' });
  const file = repoPath(ctx, name);
  const rev = input.source ?? 'HEAD';
  const source = await ctx.repo.resolve(rev);
  const from = await workflowAt(ctx, rev, file);
  const bytes = readBytes(ctx, file);
  const before = readDocument(ctx, bytes, file).workflow;
  let after = before;
  for (const text of input.inputs ?? []) after = takeInput(after, from, text, file);
  const [broken] = findViolations(after, [before]);
  if (broken) throw new CwfError('VALUE_INVALID', { address: input.inputs!.join(', '), reason: broken.message });
  const change = compareFile(file, before, after);
  if (change === undefined) return { source, files: [] };
  if (!input.dryRun) {
    await ctx.repo.transaction({ command: 'restore', actor: ctx.actor }, async (tx) => {
      tx.writeFile(file, toDocument(after).bytes, { expected: bytes });
    });
  }
  return { source, files: [file], report: reportOf(change) };
}

/** A workflow in which one input has the value or the link that it has in another. */
function takeInput(workflow: Workflow, from: Workflow, text: string, file: string): Workflow {
  const address = parseAddress(text, from, file);
  const source = scopeAt(from, address.scope)!.nodes[address.node]!;
  // The node must be there now; it may have another title than in the source.
  const prefix = address.scope === undefined ? '' : `${address.scope}/`;
  parseNodeAddress(`${prefix}${address.node}`, workflow, file);
  const target = scopeAt(workflow, address.scope)!.nodes[address.node]!;
  const node: WorkflowNode = {
    ...target,
    widgets: moved(target.widgets, source.widgets, address.input),
    links: moved(target.links, source.links, address.input),
  };
  const positional = moved(target.positional ?? {}, source.positional ?? {}, address.input);
  const { positional: _old, ...rest } = node;
  return withNode(workflow, address, Object.keys(positional).length > 0 ? { ...rest, positional } : rest);
}

function moved<T>(to: Readonly<Record<string, T>>, from: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _old, ...rest } = to;
  return Object.hasOwn(from, key) ? { ...rest, [key]: from[key]! } : rest;
}
