import { defineCommand } from '../command.ts';
import { writeAll } from '../output/sink.ts';

/** None of the codes after which the command in git's configuration says hello in our place. */
const STOPPED = 3;

export const command = defineCommand({
  name: 'git filter-process',
  summary: 'Clean every file of one git command',
  description: 'Called by git (filter.cwf.process): its long-running filter protocol on stdin and stdout.',
  examples: [['As git starts it', 'cwf git filter-process']],
  hidden: true,
  async run(_input, io) {
    const { filterProcess, indexOf } = await import('../../src/porcelain/git-clean.ts');
    try {
      filterProcess(indexOf(io.cwd, io.env), (bytes) => writeAll(1, bytes), io.note);
      return 0;
    } catch (error) {
      io.note(`cwf: filter stopped: ${(error as Error).message}`);
      return STOPPED;
    }
  },
});
