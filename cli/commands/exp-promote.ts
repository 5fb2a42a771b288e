import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'exp promote',
  summary: 'Make a trial a branch',
  description:
    'A trial lies below refs/cwf/trial, which git neither lists nor fetches by itself. Promoted it is the branch trial/<study>/<number>.',
  examples: [['Keep one', 'cwf exp promote portrait-1/7']],
  mutates: true,
  args: { trial: { description: 'trial: <study>/<number>', required: true } },
  async run({ args }, io) {
    const ctx = await openDry(io);
    const { expPromote } = await import('../../src/porcelain/exp-change.ts');
    const out = await expPromote.run(ctx, args);
    const { color } = io;
    io.result('cwf.exp.promote/1', out, () =>
      io.print(`${color.bold(safe(out.branch))} ${color.yellow(out.oid.slice(0, 8))}`),
    );
  },
});
