import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'redo',
  summary: 'Repeat what undo took back',
  examples: [['The last undo', 'cwf redo']],
  mutates: true,
  async run(_input, io) {
    const ctx = await io.open();
    const { redo } = await import('../../src/porcelain/undo.ts');
    const out = await redo.run(ctx, { dryRun: io.dryRun });
    io.result('cwf.redo/1', out, () => {
      const { id, command, actor } = out.operation;
      const word = io.dryRun ? 'Would repeat' : 'Repeated';
      io.print(`${word} ${io.color.yellow(id.slice(0, 8))} ${io.color.bold(safe(command))} by ${safe(actor)}`);
    });
  },
});
