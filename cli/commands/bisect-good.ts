import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { printBisect } from '../output/bisect.ts';

export const command = defineCommand({
  name: 'bisect good',
  summary: 'The commit at hand is good',
  examples: [['This one', 'cwf bisect good']],
  mutates: true,
  args: { revs: { description: 'other commits', multiple: true, complete: 'revision' } },
  async run({ args }, io) {
    const ctx = await openDry(io);
    const { bisectMark } = await import('../../src/porcelain/bisect.ts');
    const out = await bisectMark.run(ctx, { mark: 'good', revs: args.revs });
    io.result('cwf.bisect/1', out, () => printBisect(io, out));
  },
});
