import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'exp plot',
  summary: 'Draw the plots of a study as a page',
  description:
    'History, importance, slices, parallel coordinates, front, times and the leaderboard with pictures, as one HTML file that needs no network.',
  examples: [['A page to look at', 'cwf exp plot portrait-1 --out portrait-1.html']],
  args: { study: { description: 'name of the study', required: true } },
  flags: { out: { type: 'string', value: 'file', complete: 'file', description: 'the file; <study>.html by default' } },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { expPlot } = await import('../../src/porcelain/exp.ts');
    const out = await expPlot.run(ctx, { ...args, out: flags.out ?? `${args.study.replaceAll('/', '-')}.html` });
    io.result('cwf.exp.plot/1', out, () => io.print(safe(out.written)));
  },
});
