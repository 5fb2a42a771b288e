import { applyEdits } from '../core/edit/compile.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Accepted } from '../plan/agents/coordinator.ts';
import type { Actor } from './actor.ts';
import { stageCatalog } from './catalog-store.ts';
import { compareFile } from './changes.ts';
import type { Context } from './context.ts';
import { commitMessage, type MessageParts } from './message.ts';
import type { RunPatch } from './repair-run.ts';
import { toDocument } from './worktree.ts';

/** The versions of one file that become commits, one after the other. */
export interface CommitChain {
  readonly file: string;
  /** What the branch starts from; absent in a repository without commits. */
  readonly parent?: Oid;
  /** The file there. */
  readonly committed?: Workflow;
  /** The file as it was found, if that is not what is committed. */
  readonly found: Workflow;
  readonly accepted: readonly Accepted[];
  /** Changes that runs called for, after those. */
  readonly patches?: readonly RunPatch[];
  /** Told of the commit of each accepted proposal. */
  readonly onCommit?: (commit: Oid, one: Accepted) => void;
}

/** A commit of a repair. */
export interface RepairCommit {
  readonly oid: Oid;
  readonly actor: Actor;
  readonly subject: string;
}

/** The commits that were staged. `base`: the last state before the first change of an agent. */
export interface StagedRepair {
  readonly commits: readonly RepairCommit[];
  readonly base?: Oid;
  readonly mode: string;
  /** The commit of the workflow that each run was of. */
  readonly states: readonly (Oid | undefined)[];
}

const MODE = '100644';

/**
 * Stages the commits of a repair, each with its agent as actor: first the file as it was found, where nobody has
 * committed that yet, then one for each accepted proposal. No ref moves. Throws MESSAGE_INVALID or BUG.
 */
export async function stageRepair(ctx: Context, tx: Transaction, chain: CommitChain): Promise<StagedRepair> {
  const { file, accepted } = chain;
  const commits: RepairCommit[] = [];
  let [parent, tree] = [chain.parent, undefined as Oid | undefined];
  let mode = MODE;
  if (parent !== undefined) {
    tree = (await ctx.repo.readCommit(parent)).tree;
    mode = (await ctx.repo.listTree(tree)).get(file)?.mode ?? MODE;
  }
  const add = async (
    before: Workflow | undefined,
    after: Workflow,
    parts: Pick<MessageParts, 'actor' | 'message' | 'reason'>,
  ): Promise<void> => {
    const change = compareFile(file, before, after);
    if (!change) return;
    tree = await tx.writeTree(tree, new Map([[file, { mode, oid: await tx.writeBlob(toDocument(after).bytes) }]]));
    const message = commitMessage({ ...parts, op: 'repair', changes: [change], catalogHash: ctx.catalog.hash });
    parent = await tx.writeCommit({
      tree,
      parents: parent === undefined ? [] : [parent],
      message,
      ...(await ctx.identity()),
    });
    commits.push({ oid: parent, actor: parts.actor, subject: message.split('\n', 1)[0]! });
  };
  await add(chain.committed, settled(ctx, file, chain.found), { actor: ctx.actor, message: `${file} as it was found` });
  const base = parent;
  let now = chain.found;
  for (const one of accepted) {
    const after = applyEdits(now, one.proposal.edits);
    const count = commits.length;
    await add(settled(ctx, file, now), settled(ctx, file, after), {
      actor: `agent/${one.proposal.agent}` as Actor,
      reason: reasonOf(one),
    });
    if (commits.length > count) chain.onCommit?.(commits.at(-1)!.oid, one);
    now = after;
  }
  const states = [parent];
  for (const one of chain.patches ?? []) {
    const after = applyEdits(now, one.fix.edits);
    const actor = `agent/${one.agent}` as Actor;
    await add(settled(ctx, file, now), settled(ctx, file, after), { actor, reason: reasonOfPatch(one) });
    states.push(parent);
    now = after;
  }
  await stageCatalog(ctx, tx);
  return { commits, mode, states, ...(base === undefined ? {} : { base }) };
}

/** A workflow as its own text reads: what the page draws follows from the rest. */
function settled({ catalog }: Context, source: string, workflow: Workflow): Workflow {
  return workflow.format === 'api' ? workflow : readWorkflow(writeWorkflow(workflow), { catalog, source });
}

/** Why, and what the run said. */
function reasonOfPatch({ fix, finding, runner }: RunPatch): string {
  const { node, class_type, message, code } = finding;
  const place = node === undefined ? '' : `${class_type ?? 'node'} (${node}): `;
  return `${fix.title}.\n\n- ${place}${message} [${code}]\n\nA run on ${runner} said so; confidence ${fix.confidence.toFixed(2)}.`;
}

/** Why, what it cures, and how many faults there were before and after. */
function reasonOf({ proposal, before, after }: Accepted): string {
  const cured = proposal.evidence.map(({ code, node, input, message }) => {
    const place = [node, input].filter((part) => part !== undefined).join('.');
    return `- ${place === '' ? '' : `${place}: `}${message} [${code}]`;
  });
  const counts = `Errors ${before.errors} -> ${after.errors}, warnings ${before.warnings} -> ${after.warnings}; confidence ${proposal.confidence.toFixed(2)}.`;
  return `${proposal.reason}.\n\n${cured.join('\n')}\n\n${counts}`;
}
