import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'restore',
  summary: 'Put files, or single values, back as a commit has them',
  description: 'Uncommitted changes of these files go; `cwf undo` brings them back.',
  examples: [
    ['Drop what was not committed', 'cwf restore portrait.json'],
    ['A file as it was', 'cwf restore --source HEAD~3 portrait.json'],
    ['One value as it was', 'cwf restore --source HEAD~3 portrait.json --input 3.steps'],
  ],
  mutates: true,
  args: { files: { description: 'files or folders', required: true, multiple: true, complete: 'file' } },
  flags: {
    source: {
      type: 'string',
      char: 's',
      value: 'rev',
      description: 'commit to take from; HEAD when absent',
      complete: 'revision',
    },
    input: { type: 'string', multiple: true, value: 'node.input', description: 'only this value of one file' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { restore } = await import('../../src/porcelain/restore.ts');
    const out = await restore.run(ctx, {
      files: args.files,
      source: flags.source,
      inputs: flags.input,
      dryRun: io.dryRun,
    });
    io.result('cwf.restore/1', out, () => {
      if (out.report) return printChanges(io, [out.report]);
      if (out.files.length === 0) return io.print('Nothing to restore: it is the same already');
      const would = io.dryRun ? 'would be ' : '';
      for (const file of out.files)
        io.print(
          io.mode === 'porcelain'
            ? safe(file)
            : `${would}restored ${io.color.bold(safe(file))} from ${short(out.source)}`,
        );
    });
  },
});
