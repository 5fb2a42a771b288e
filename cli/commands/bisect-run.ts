import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { printBisect, printWithin } from '../output/bisect.ts';

export const command = defineCommand({
  name: 'bisect run',
  summary: 'Let a command find the bad commit',
  description:
    'The command says by its exit code what the files at hand are: 0 good, 125 cannot be tested, 1 to 127 bad; 128 and above ends it. With --within the edits of the bad commit are tried in parts, until the fewest that make it bad are left.',
  examples: [
    ['With a script', 'cwf bisect run -- node check.mjs portrait.json'],
    ['Down to the edits', 'cwf bisect run --within -- node check.mjs portrait.json'],
    ['Inside one commit', 'cwf bisect run --within HEAD~2 -- node check.mjs portrait.json'],
  ],
  mutates: true,
  args: { rev: { description: 'with --within: only this commit', complete: 'revision' } },
  rest: 'command',
  flags: {
    within: { type: 'boolean', description: 'also find the edits of the commit that make it bad' },
    file: { type: 'string', value: 'file', description: 'workflow the command gets as CWF_FILE', complete: 'file' },
  },
  async run({ args, flags, rest }, io) {
    const ctx = await openDry(io);
    const { bisectRun } = await import('../../src/porcelain/bisect-run.ts');
    const out = await bisectRun.run(ctx, { command: rest, within: flags.within, rev: args.rev, file: flags.file });
    io.result('cwf.bisect-run/1', out, () => {
      if (args.rev === undefined) printBisect(io, out.result);
      if (out.within) printWithin(io, out.within);
    });
    const isExplained = out.within === undefined || out.within.kind === 'minimal';
    return out.result.kind === 'found' && isExplained ? 0 : 1;
  },
});
