import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { branchName, short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'import',
  summary: 'Commit the workflow inside an image, video or sound',
  description:
    'Takes the workflow that ComfyUI saved inside a file it made (PNG, WebP, JPEG, MP4, MOV, WebM, FLAC, Ogg, MP3), or a workflow file, and commits it. Of videos and sounds only headers are read.',
  examples: [
    ['From an image that ComfyUI made', 'cwf import ComfyUI_00042_.png'],
    ['As the next version of a workflow', 'cwf import out.png --as portrait.json -m "what made this picture"'],
  ],
  mutates: true,
  args: { image: { description: 'image, video, sound or workflow file', required: true, complete: 'file' } },
  flags: {
    as: { type: 'string', value: 'file', description: 'name of the workflow file', complete: 'file' },
    message: { type: 'string', char: 'm', value: 'text', description: 'subject of the commit' },
    'allow-secrets': { type: 'boolean', description: 'commit values that look like keys or passwords' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { importFile } = await import('../../src/porcelain/import.ts');
    const input = { source: args.image, as: flags.as, message: flags.message, reason: io.reason };
    const out = await importFile.run(ctx, { ...input, allowSecrets: flags['allow-secrets'], dryRun: io.dryRun });
    io.result('cwf.import/1', out, () => {
      if (io.mode === 'porcelain') {
        io.print(out.oid ?? '');
        return;
      }
      const { color } = io;
      const name = out.oid === undefined ? 'would commit' : short(out.oid);
      io.print(`${color.yellow(name)} ${color.dim(`on ${safe(branchName(out.branch))}`)}  ${safe(out.subject)}`);
      printChanges(io, [out.file], { most: 12 });
      io.print(color.dim(`  the ${out.source.part} in ${safe(out.source.name)} (${out.source.type})`));
    });
  },
});
