import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { short } from '../output/commits.ts';
import { printConflicts, printList } from '../output/conflicts.ts';
import { clip, safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'review merge',
  summary: 'Merge a proposal into its branch',
  description:
    'Merges node by node, as a commit of its own that names the proposal and who approved it. Refused while somebody asks for changes, or what the rules of the branch ask for is missing. On the branch it goes into the working tree follows; from elsewhere only that branch moves. With a conflict nothing is merged and the exit code is 4: on the branch the merge then waits for `cwf resolve`.',
  examples: [
    ['After an approval', 'cwf review merge 3f9a'],
    ['Only if it is still what you looked at', 'cwf review merge 3f9a --expect 1c02be77'],
  ],
  mutates: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  flags: {
    message: { type: 'string', char: 'm', value: 'text', description: 'message of the merge commit' },
    favor: {
      type: 'string',
      char: 'X',
      options: ['ours', 'theirs'],
      description: 'side that wins; ours is the branch',
    },
    expect: { type: 'string', value: 'commit', description: 'refuse if its head is another one' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { reviewMerge } = await import('../../src/porcelain/review-merge.ts');
    const { message, favor, expect: expected } = flags;
    const input = { proposal: args.proposal, message, favor, expected, reason: io.reason, dryRun: io.dryRun };
    const out = await reviewMerge.run(ctx, input);
    io.result('cwf.review.merge/1', out, () => {
      const { color } = io;
      if (out.kind === 'conflict') {
        if (out.isWaiting || io.dryRun) return printConflicts(io, 'merge', out.conflicts);
        io.print(color.red(`Conflicts with ${safe(out.target)}; nothing was merged:`));
        printList(
          io,
          out.conflicts.map((conflict, i) => ({ number: i + 1, ...conflict })),
        );
        io.note(`hint: \`cwf switch ${safe(out.target)}\`, then merge again: there each can be decided`);
        return;
      }
      if (io.mode === 'porcelain') return io.print(out.oid ?? '');
      const as = out.oid === undefined ? 'would merge' : `merged as ${short(out.oid)}`;
      io.print(
        `proposal/${out.proposal} ${color.yellow(as)} ${color.dim(`on ${safe(out.target)}`)}  ${clip(out.title, 100)}`,
      );
      if (out.approvedBy.length > 0) io.print(color.dim(`  approved by ${out.approvedBy.map(safe).join(', ')}`));
      printChanges(io, out.files, { most: 8 });
    });
    for (const note of out.notes) io.note(safe(note));
    return out.kind === 'conflict' ? 4 : undefined;
  },
});
