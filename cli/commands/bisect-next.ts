import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { printBisect } from '../output/bisect.ts';

export const command = defineCommand({
  name: 'bisect next',
  summary: 'Say where it stands, and check out the commit to test',
  examples: [['Go on after a look elsewhere', 'cwf bisect next']],
  mutates: true,
  async run(_input, io) {
    const ctx = await openDry(io);
    const { bisectNext } = await import('../../src/porcelain/bisect.ts');
    const out = await bisectNext.run(ctx, {});
    io.result('cwf.bisect/1', out, () => printBisect(io, out));
  },
});
