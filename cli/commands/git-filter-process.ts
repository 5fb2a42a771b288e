import { defineCommand } from '../command.ts';
import { writeAll } from '../output/sink.ts';

export const command = defineCommand({
  name: 'git filter-process',
  summary: 'Clean every file of one git command',
  description: 'Called by git (filter.cwf.process): its long-running filter protocol on stdin and stdout.',
  examples: [['As git starts it', 'cwf git filter-process']],
  hidden: true,
  async run(_input, io) {
    const { filterProcess } = await import('../../src/porcelain/git-clean.ts');
    filterProcess((bytes) => writeAll(1, bytes), io.note);
  },
});
