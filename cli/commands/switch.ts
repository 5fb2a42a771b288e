import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { branchName, count, short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'switch',
  summary: 'Go to a branch',
  description: 'Changes you did not commit stay where the file is the same on both branches; else nothing is done.',
  examples: [
    ['A new branch from here', 'cwf switch -c trial/flux'],
    ['Back', 'cwf switch main'],
    ['Look at an old commit', 'cwf switch --detach HEAD~3'],
  ],
  mutates: true,
  args: {
    target: { description: 'branch, or with --detach a commit', required: true, complete: 'branch' },
    start: { description: 'with -c: where the new branch starts', complete: 'revision' },
  },
  flags: {
    create: { type: 'boolean', char: 'c', description: 'make the branch' },
    detach: { type: 'boolean', char: 'd', description: 'go to a commit, on no branch' },
  },
  async run({ args, flags }, io) {
    const ctx = await openDry(io);
    const { switchTo } = await import('../../src/porcelain/switch.ts');
    const { create, detach } = flags;
    const out = await switchTo.run(ctx, { target: args.target, start: args.start, create, detach });
    io.result('cwf.switch/1', out, () => {
      const where =
        out.branch === undefined
          ? `commit ${short(out.oid!)}`
          : `${out.created ? 'new branch ' : ''}${safe(branchName(out.branch))}`;
      const files = out.files.length > 0 ? io.color.dim(`  ${count(out.files.length, 'file')} changed`) : '';
      io.print(`On ${io.color.bold(where)}${files}`);
    });
  },
});
