import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'undo',
  summary: 'Take back the last command that changed something',
  description: 'Works across restarts, on refs, working files and the index of git. Repeat it to go further back.',
  examples: [
    ['The last command', 'cwf undo'],
    ['One operation of the log', 'cwf undo --op 1a2b3c4d'],
  ],
  mutates: true,
  flags: { op: { type: 'string', value: 'id', description: 'this operation; see cwf op log' } },
  async run({ flags }, io) {
    const ctx = await io.open();
    const { undo } = await import('../../src/porcelain/undo.ts');
    const out = await undo.run(ctx, { operation: flags.op, dryRun: io.dryRun });
    io.result('cwf.undo/1', out, () => {
      const { id, command, actor } = out.operation;
      const word = io.dryRun ? 'Would take back' : 'Took back';
      io.print(`${word} ${io.color.yellow(id.slice(0, 8))} ${io.color.bold(safe(command))} by ${safe(actor)}`);
    });
  },
});
