import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { branchName, short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'bisect reset',
  summary: 'End the bisection and go back',
  examples: [['Done', 'cwf bisect reset']],
  mutates: true,
  async run(_input, io) {
    const ctx = await openDry(io);
    const { bisectReset } = await import('../../src/porcelain/bisect.ts');
    const out = await bisectReset.run(ctx, {});
    io.result('cwf.bisect-reset/1', out, () => {
      io.print(`Back on ${io.color.bold(safe(branchName(out.branch)))}, ${io.color.yellow(short(out.oid))}`);
    });
  },
});
