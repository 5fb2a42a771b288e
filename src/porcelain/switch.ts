import { CwfError } from '../base/errors.ts';
import { fullRefName } from '../io/repo/ref-name.ts';
import type { Oid } from '../io/repo/types.ts';
import { stageCheckout } from './checkout.ts';
import { settledHead } from './settled.ts';
import { defineVerb } from './verb.ts';

/** Where to go: a branch, a new branch (from `start`, else from here), or a commit alone. */
export interface SwitchInput {
  readonly target: string;
  readonly create?: boolean;
  readonly detach?: boolean;
  readonly start?: string;
}

/** Where HEAD stands now; `files` changed in the working tree. */
export interface SwitchOutput {
  readonly branch?: string;
  readonly oid?: Oid;
  readonly created: boolean;
  readonly files: readonly string[];
}

/** `cwf switch`. Throws USAGE, REF_INVALID, REF_EXISTS, REV_NOT_FOUND, UNCOMMITTED_CHANGES, MERGE_UNDER_WAY. */
export const switchTo = defineVerb<SwitchInput, SwitchOutput>({
  name: 'switch',
  summary: 'Go to a branch',
  mutates: true,
  drops: true,
  async run(ctx, { target, create = false, detach = false, start }) {
    if (create && detach)
      throw new CwfError('USAGE', { command: 'switch', reason: 'create and detach exclude each other' });
    const { repo } = ctx;
    const head = await settledHead(ctx);
    const branch = detach ? undefined : fullRefName(target, 'refs/heads/');
    const there = branch === undefined ? undefined : await repo.readRef(branch);
    if (create && there !== undefined) throw new CwfError('REF_EXISTS', { ref: target });
    let to: Oid | undefined;
    if (create) to = start === undefined && head.oid === undefined ? undefined : await repo.resolve(start ?? 'HEAD');
    else if (branch !== undefined && there === undefined) {
      if (branch !== head.branch)
        throw new CwfError(
          'REV_NOT_FOUND',
          { rev: target },
          {
            hint: target.endsWith('.json')
              ? `It is no branch; a file is put back with \`cwf restore ${target}\`.`
              : `Make it with \`cwf switch -c ${target}\`, or see \`cwf branch\`.`,
          },
        );
    } else to = there ?? (await repo.resolve(target));
    const files = await repo.transaction({ command: 'switch', actor: ctx.actor }, async (tx) => {
      const changed = to === head.oid ? [] : await stageCheckout(ctx, tx, to);
      if (create && to !== undefined) tx.setRef(branch!, to, null);
      tx.setHead(branch === undefined ? { oid: to! } : { branch });
      return changed;
    });
    return {
      ...(branch === undefined ? {} : { branch }),
      ...(to === undefined ? {} : { oid: to }),
      created: create,
      files,
    };
  },
});
