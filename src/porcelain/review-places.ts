import { CwfError, isCwfError } from '../base/errors.ts';
import { placeLabel } from '../core/edit/describe.ts';
import { parseAddress, parseNodeAddress } from '../core/workflow/address.ts';
import { nodeAt } from '../core/workflow/scopes.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Anchor } from '../plan/review/event.ts';
import { laterPlace } from '../plan/review/later-place.ts';
import type { Comment } from '../plan/review/state.ts';
import type { Context } from './context.ts';
import { repoPath } from './paths.ts';
import { loadWorkflows, workflowAt } from './workflows.ts';

/** A comment, and where its place is in the proposal as it is now. */
export interface PlacedComment extends Omit<Comment, 'replies'> {
  readonly replies: readonly PlacedComment[];
  /** The place in words; `isGone`: the node or the file is no longer there. */
  readonly place?: string;
  readonly isGone?: boolean;
  readonly now?: Anchor;
}

/** The place that a file and an address in it name. Throws FILE_NOT_FOUND, NODE_NOT_FOUND, INPUT_NOT_FOUND, ADDRESS_INVALID. */
export async function anchorOf(ctx: Context, head: Oid, name: string, address: string | undefined): Promise<Anchor> {
  const file = repoPath(ctx, name);
  const workflow = await workflowAt(ctx, head, file).catch((error: unknown) => {
    if (!isCwfError(error, 'FILE_NOT_FOUND')) throw error;
    throw new CwfError('FILE_NOT_FOUND', { file, where: 'in the proposal' });
  });
  if (address === undefined) return { file };
  try {
    const { scope, node } = parseNodeAddress(address, workflow, file);
    return { file, ...(scope === undefined ? {} : { scope }), node };
  } catch (error) {
    if (!isCwfError(error, 'NODE_NOT_FOUND') || !address.includes('.')) throw error;
  }
  const { scope, node, input } = parseAddress(address, workflow, file);
  return { file, ...(scope === undefined ? {} : { scope }), node, input };
}

/** Comments with where their places are at a head. */
export async function placeAll(ctx: Context, comments: readonly Comment[], head: Oid): Promise<PlacedComment[]> {
  const out: PlacedComment[] = [];
  for (const { replies, ...comment } of comments) {
    const place = await placed(ctx, comment.anchor, comment.on, head);
    out.push({ ...comment, ...place, replies: await placeAll(ctx, replies, head) });
  }
  return out;
}

/** Where what a comment is about stands now: by the node itself, whatever its id has become. [RV-8] */
export async function placed(
  ctx: Context,
  anchor: Anchor | undefined,
  on: Oid,
  head: Oid,
): Promise<Pick<PlacedComment, 'place' | 'isGone' | 'now'>> {
  if (anchor === undefined) return {};
  const { file, scope, node, input } = anchor;
  const then = await (await loadWorkflows(ctx, on)).get(file)?.workflow();
  const now = on === head ? then : await (await loadWorkflows(ctx, head)).get(file)?.workflow();
  if (node === undefined) return { place: file, now: anchor, ...(now ? {} : { isGone: true }) };
  const at = { ...(scope === undefined ? {} : { scope }), node };
  const found = then && now && (on === head ? (nodeAt(now, at) ? at : undefined) : laterPlace(then, now, at));
  const words = (workflow: Workflow | undefined, place: typeof at): string => {
    const label = workflow ? placeLabel(place, workflow) : place.node;
    return `${file} ${label}${input === undefined ? '' : `: ${input}`}`;
  };
  if (!found) return { place: words(then, at), isGone: true };
  return { place: words(now, found), now: { file, ...found, ...(input === undefined ? {} : { input }) } };
}
