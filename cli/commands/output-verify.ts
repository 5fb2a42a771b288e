import { defineCommand } from '../command.ts';
import { count, short } from '../output/commits.ts';
import { shortOutput } from '../output/outputs.ts';

export const command = defineCommand({
  name: 'output verify',
  summary: 'Check that every output is whole',
  description: 'Reads every output and compares its SHA-256 with its name. Exit code 9 when one is damaged.',
  examples: [['Check', 'cwf output verify']],
  async run(_input, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { outputVerify } = await import('../../src/porcelain/output.ts');
    const out = await outputVerify.run(ctx, {});
    io.result('cwf.output.verify/1', out, () => {
      for (const { id, reason, commits } of out.damaged) {
        const on = commits.length === 0 ? '' : `, noted on ${commits.map(short).join(', ')}`;
        io.print(`${io.color.red('!')} ${shortOutput(id)}: ${reason}${on}`);
      }
      const verdict =
        out.damaged.length === 0 ? io.color.green('whole') : io.color.red(`${out.damaged.length} damaged`);
      io.print(`${count(out.checked, 'output')}: ${verdict}`);
    });
    return out.damaged.length > 0 ? 9 : undefined;
  },
});
