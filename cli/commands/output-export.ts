import { relative } from 'node:path';
import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'output export',
  summary: 'Write an output to a file',
  description: 'Nothing that exists is written over. Into a folder the file goes under its own name.',
  examples: [
    ['As a picture', 'cwf output export sha256:0123abcd best.png'],
    ['Only its name and size, for git-lfs', 'cwf output export sha256:0123abcd best.png --as pointer'],
  ],
  args: {
    output: { description: '`sha256:` and the first digits of its name', required: true },
    to: { description: 'new file, or a folder', required: true, complete: 'file' },
  },
  flags: {
    as: { type: 'string', options: ['bytes', 'pointer', 'thumbnail'], description: 'what of it; see .cwfrc' },
  },
  async run({ args, flags }, io) {
    if (args.to === '') throw new CwfError('USAGE', { command: 'output export', reason: '<to> is empty' });
    const ctx = await io.open({ lazyCatalog: true });
    const { outputExport } = await import('../../src/porcelain/output.ts');
    const out = await outputExport.run(ctx, { output: args.output, to: args.to, form: flags.as });
    io.result('cwf.output.export/1', out, () => io.print(safe(relative(io.cwd, out.path))));
  },
});
