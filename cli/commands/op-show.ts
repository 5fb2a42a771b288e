import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'op show',
  summary: 'Show one change of the repository',
  examples: [['One operation', 'cwf op show 1a2b3c4d']],
  args: { operation: { description: 'id of an operation, or its beginning', required: true } },
  async run({ args }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { opShow } = await import('../../src/porcelain/op.ts');
    const out = await opShow.run(ctx, { operation: args.operation });
    io.result('cwf.op-show/1', out, () => {
      io.print(
        `${io.color.yellow(out.id)} ${io.color.bold(safe(out.command))} by ${safe(out.actor)}${out.undone ? ' (undone)' : ''}`,
      );
      for (const { ref, old, new: now } of out.refs)
        io.print(`  ${safe(ref)}  ${old ?? 'nothing'} -> ${now ?? 'nothing'}`);
      for (const { path } of out.files) io.print(`  ${safe(path)} written`);
    });
  },
});
