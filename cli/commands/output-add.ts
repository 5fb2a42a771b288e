import { defineCommand } from '../command.ts';
import { short } from '../output/commits.ts';
import { outputLine } from '../output/outputs.ts';

export const command = defineCommand({
  name: 'output add',
  summary: 'Keep a file that a workflow made',
  description:
    'The file is copied into .git/cwf/outputs under its SHA-256, beside git. A note on the commit says that it made it.',
  examples: [
    ['A picture of the last commit', 'cwf output add ComfyUI_00001_.png --on HEAD'],
    ['Without a commit', 'cwf output add ComfyUI_00001_.png'],
  ],
  mutates: true,
  args: { file: { description: 'picture, video, sound or any other file', required: true, complete: 'file' } },
  flags: { on: { type: 'string', value: 'revision', description: 'commit that made it', complete: 'revision' } },
  async run({ args, flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { outputAdd } = await import('../../src/porcelain/output.ts');
    const out = await outputAdd.run(ctx, { file: args.file, rev: flags.on, dryRun: io.dryRun });
    io.result('cwf.output.add/1', out, () => {
      const on = out.commit === undefined ? '' : `  on ${io.color.yellow(short(out.commit))}`;
      io.print(`${outputLine(io, out)}${on}`);
    });
  },
});
