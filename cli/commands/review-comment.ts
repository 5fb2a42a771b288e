import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { commentHead } from '../output/review.ts';
import { safeLines } from '../output/safe.ts';

export const command = defineCommand({
  name: 'review comment',
  summary: 'Comment on a proposal, a node or an input',
  description:
    'The text comes last; before it a file, and a node or an input in it, by id, title or class as for `cwf set`. The comment stays with the node: it is found again when ids change.',
  examples: [
    ['On the whole', 'cwf review comment 3f9a "looks good to me"'],
    ['On an input', 'cwf review comment 3f9a portrait.json 3.steps "too many"'],
    ['An answer', 'cwf review comment 3f9a --reply 5be001 "25 then?"'],
  ],
  mutates: true,
  args: {
    proposal: { description: 'id of the proposal', required: true, complete: 'proposal' },
    words: { description: '[file [node or input]] text', required: true, multiple: true },
  },
  flags: { reply: { type: 'string', value: 'comment', description: 'answer this comment' } },
  async run({ args, flags }, io) {
    const text = args.words.at(-1)!;
    const [file, address, ...more] = args.words.slice(0, -1);
    if (more.length > 0)
      throw new CwfError('USAGE', { command: 'review comment', reason: `too many words: put the text in quotes` });
    const ctx = await io.open();
    const { reviewComment } = await import('../../src/porcelain/review-say.ts');
    const input = { proposal: args.proposal, text, file, address, reply: flags.reply, dryRun: io.dryRun };
    const out = await reviewComment.run(ctx, input);
    io.result('cwf.review.comment/1', out, () => {
      if (io.mode === 'porcelain') return io.print(out.id);
      io.print(commentHead(io, out));
      for (const line of safeLines(out.text).split('\n')) io.print(`  ${line}`);
    });
  },
});
