import { isCwfError } from '../base/errors.ts';
import { targetOf } from '../core/edit/edit.ts';
import { type NodeAddress, parseAddress, parseNodeAddress } from '../core/workflow/address.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Commit } from '../io/repo/types.ts';
import type { Change } from './changes.ts';
import type { Context } from './context.ts';
import { changesOfCommit } from './stat.ts';

/**
 * Whether a commit changed the input, or anything of the node, that a text names in one of its workflows: in the version
 * before it or the one after. Of a commit on several parents what it changed of the first.
 */
export async function changesInput(
  ctx: Context,
  commit: Pick<Commit, 'parents' | 'tree'>,
  text: string,
  paths: readonly string[],
): Promise<boolean> {
  const isWanted = ({ file }: Change): boolean =>
    paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`));
  return (await changesOfCommit(ctx, commit)).some((change) => isWanted(change) && isAbout(change, text));
}

function isAbout({ before, after, edits }: Change, text: string): boolean {
  const places = [before, after].flatMap((workflow) => (workflow ? (placeOf(text, workflow) ?? []) : []));
  if (before === undefined || after === undefined) return places.length > 0;
  return edits.some((edit) => {
    const { scope, node, input } = targetOf(edit);
    return places.some(
      (place) =>
        place.scope === scope &&
        place.node === node &&
        // What has no input is about the node as a whole.
        (place.input === undefined || input === undefined || place.input === input),
    );
  });
}

function placeOf(text: string, workflow: Workflow): (NodeAddress & { readonly input?: string }) | undefined {
  for (const read of [parseAddress, parseNodeAddress]) {
    try {
      return read(text, workflow);
    } catch (error) {
      // The version has no such node, or the text names one without an input.
      if (!isCwfError(error)) throw error;
    }
  }
  return undefined;
}
