import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';

export const command = defineCommand({
  name: 'op restore',
  summary: 'Bring the repository back to how it was after an operation',
  examples: [['To a point in the log', 'cwf op restore 1a2b3c4d']],
  mutates: true,
  args: { operation: { description: 'id of an operation, or its beginning', required: true } },
  async run({ args }, io) {
    const ctx = await io.open();
    const { opRestore } = await import('../../src/porcelain/op.ts');
    const out = await opRestore.run(ctx, { operation: args.operation, dryRun: io.dryRun });
    io.result('cwf.op-restore/1', out, () => {
      io.print(
        `${io.dryRun ? 'Would go' : 'Went'} back to ${io.color.yellow(out.operation.id.slice(0, 8))}: ${count(out.refs.length, 'ref')}, ${count(out.files.length, 'file')} changed`,
      );
    });
  },
});
