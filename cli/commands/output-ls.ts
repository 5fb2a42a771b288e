import { defineCommand } from '../command.ts';
import { count, short } from '../output/commits.ts';
import { bytes, outputLine, shortOutput } from '../output/outputs.ts';

export const command = defineCommand({
  name: 'output ls',
  summary: 'List the outputs of runs',
  description: 'Types and sizes are read from the files themselves. The newest comes last.',
  examples: [
    ['All of them', 'cwf output ls'],
    ['Those of one commit', 'cwf output ls HEAD'],
  ],
  paged: true,
  args: { revision: { description: 'only what the notes on this commit name', complete: 'revision' } },
  async run({ args }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { outputLs } = await import('../../src/porcelain/output.ts');
    const out = await outputLs.run(ctx, { rev: args.revision });
    io.result('cwf.output.ls/1', out, () => {
      for (const output of out.outputs) {
        if (io.mode === 'porcelain') {
          const { id, size, type, width = '', height = '', frames = '' } = output;
          io.print([id, size, type, width, height, frames, output.commits.join(',')].join('\t'));
        } else io.print(`${outputLine(io, output)}  ${io.color.dim(output.commits.map(short).join(' '))}`.trimEnd());
      }
      for (const id of out.missing) io.note(`${shortOutput(id)} is noted, but not in this copy of the repository`);
      io.note(`${count(out.outputs.length, 'output')}, ${bytes(out.size)}`);
    });
  },
});
