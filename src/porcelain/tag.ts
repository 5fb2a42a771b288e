import { CwfError } from '../base/errors.ts';
import { encodeIdentity } from '../io/repo/commit-object.ts';
import { fullRefName } from '../io/repo/ref-name.ts';
import type { Oid } from '../io/repo/types.ts';
import { defineVerb } from './verb.ts';

/** Without a name the tags are listed; with a message the tag is an object of its own. */
export interface TagInput {
  readonly name?: string;
  readonly rev?: string;
  readonly message?: string;
  readonly remove?: boolean;
}

/** The tags after the command, sorted by name, each with the commit it names. */
export interface TagOutput {
  readonly tags: readonly { name: string; oid: Oid }[];
}

/** `cwf tag`. Throws REF_INVALID, REF_EXISTS, REV_NOT_FOUND. */
export const tag = defineVerb<TagInput, TagOutput>({
  name: 'tag',
  summary: 'List, make or delete tags',
  mutates: true,
  drops: true,
  lists: true,
  async run(ctx, { name, rev = 'HEAD', message, remove }) {
    const { repo } = ctx;
    if (name !== undefined) {
      const ref = fullRefName(name, 'refs/tags/');
      const old = await repo.readRef(ref);
      if (remove && old === undefined)
        throw new CwfError('REV_NOT_FOUND', { rev: name }, { hint: 'It is no tag; see `cwf tag`.' });
      if (!remove && old !== undefined) throw new CwfError('REF_EXISTS', { ref: name });
      const oid = remove ? undefined : await repo.resolve(rev);
      const { committer } = await ctx.identity();
      await repo.transaction({ command: 'tag', actor: ctx.actor }, async (tx) => {
        if (oid === undefined) tx.setRef(ref, null, old!);
        else if (message === undefined) tx.setRef(ref, oid, null);
        else {
          const head = `object ${oid}\ntype commit\ntag ${name}\ntagger ${encodeIdentity(committer)}`;
          tx.setRef(ref, await tx.writeTag(Buffer.from(`${head}\n\n${message.trim()}\n`)), null);
        }
      });
    }
    const tags = [];
    for (const { ref } of await repo.listRefs('refs/tags/')) {
      tags.push({ name: ref.slice('refs/tags/'.length), oid: await repo.resolve(ref) });
    }
    return { tags };
  },
});
