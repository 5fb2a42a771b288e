import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'diff',
  summary: 'Show changes in nodes, inputs and links',
  description:
    'Compares the last commit with the working tree, a revision with the working tree (<rev>), or two revisions (<a>..<b>, <a>...<b> from their merge base). Moved and recoloured nodes are only counted.',
  examples: [
    ['What would be committed', 'cwf diff'],
    ['Two revisions, one file', 'cwf diff main~3..main portrait.json'],
    ['As RFC 6902 patches', 'cwf diff --patch HEAD~1'],
  ],
  paged: true,
  args: { what: { description: 'revisions, then files', multiple: true, complete: 'revision' } },
  rest: 'files',
  flags: {
    stat: { type: 'boolean', description: 'only count the edits of each file' },
    patch: { type: 'boolean', char: 'p', description: 'print RFC 6902 patches over the keyed form' },
    presentation: { type: 'boolean', description: 'also list moved, resized and recoloured nodes' },
    'exit-code': { type: 'boolean', description: 'exit with 1 when a graph changed' },
  },
  async run({ args, flags, rest }, io) {
    const ctx = await io.open();
    const { diff } = await import('../../src/porcelain/diff.ts');
    const out = await diff.run(ctx, { words: args.what, files: rest, patch: flags.patch });
    io.result('cwf.diff/1', out, () => {
      if (flags.patch) {
        for (const { file, patch } of out.files) if (patch) io.json({ file, patch });
      } else if (io.mode === 'porcelain') {
        for (const { file, kind, lines } of out.files) {
          if (lines.length === 0) io.print(`${kind}\t${safe(file)}`);
          for (const line of lines)
            io.print(`${line.presentation ? 'presentation' : kind}\t${safe(file)}\t${safe(line.text)}`);
        }
      } else printChanges(io, out.files, { presentation: flags.presentation, stat: flags.stat, words: true });
    });
    for (const { message } of out.broken) io.note(`left out: ${message}`);
    return flags['exit-code'] && out.graphChanged ? 1 : 0;
  },
});
