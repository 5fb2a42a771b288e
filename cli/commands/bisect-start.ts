import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { printBisect } from '../output/bisect.ts';

export const command = defineCommand({
  name: 'bisect start',
  summary: 'Look for the commit that made it worse',
  examples: [['Between now and a good commit', 'cwf bisect start HEAD v1']],
  mutates: true,
  args: {
    bad: { description: 'commit that is bad', complete: 'revision' },
    good: { description: 'commits that are good', multiple: true, complete: 'revision' },
  },
  async run({ args }, io) {
    const ctx = await openDry(io);
    const { bisectStart } = await import('../../src/porcelain/bisect.ts');
    const out = await bisectStart.run(ctx, { bad: args.bad, good: args.good });
    io.result('cwf.bisect/1', out, () => printBisect(io, out));
  },
});
