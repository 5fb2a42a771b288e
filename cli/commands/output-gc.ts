import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { bytes, shortOutput } from '../output/outputs.ts';

export const command = defineCommand({
  name: 'output gc',
  summary: 'Drop outputs that nothing names, or that there is no room for',
  description:
    'What a note or an exported pointer names is kept, and so is what is younger than an hour. What was dropped is gone: outputs are not in git, and `cwf undo` cannot bring them back.',
  examples: [
    ['What would go', 'cwf output gc --keep noted --dry-run'],
    ['Down to 20 GB, oldest first', 'cwf output gc --max-gb 20 --yes'],
  ],
  mutates: true,
  flags: {
    keep: { type: 'string', options: ['all', 'noted'], description: 'all there is room for, or what is named' },
    'max-gb': { type: 'string', value: 'number', description: 'room for outputs' },
    'even-noted': { type: 'boolean', description: 'for want of room, drop what notes name as well' },
  },
  async run({ flags }, io) {
    const maxGb = flags['max-gb'] === undefined ? undefined : gigabytes(flags['max-gb']);
    const input = { keep: flags.keep, maxGb, evenNoted: flags['even-noted'] };
    const ctx = await io.open({ lazyCatalog: true });
    const { outputGc } = await import('../../src/porcelain/output.ts');
    let out = await outputGc.run(ctx, { ...input, dryRun: true });
    const size = out.dropped.reduce((sum, each) => sum + each.size, 0);
    const what = `${count(out.dropped.length, 'output')}, ${bytes(size)}`;
    if (!io.dryRun && out.dropped.length > 0) {
      if (!(await io.confirm(`Drop ${what}, for ever?`))) return 1;
      out = await outputGc.run(ctx, input);
    }
    io.result('cwf.output.gc/1', out, () => {
      for (const each of out.dropped)
        io.print(`${io.dryRun ? 'would drop' : 'dropped'} ${shortOutput(each.id)}  ${bytes(each.size)}`);
      io.print(`${count(out.kept.count, 'output')} kept, ${bytes(out.kept.size)}`);
      if (out.over > 0) io.note(`${bytes(out.over)} over the limit: the rest is named by notes, or young`);
    });
    return undefined;
  },
});

function gigabytes(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0))
    throw new CwfError('USAGE', { command: 'output gc', reason: `--max-gb: ${text} is no number above 0` });
  return value;
}
