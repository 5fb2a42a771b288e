import { readFileSync } from 'node:fs';
import { defineCommand } from '../command.ts';
import { writeAll } from '../output/sink.ts';

export const command = defineCommand({
  name: 'git clean',
  summary: 'Bring a file from stdin to the text a commit holds',
  description: 'Called by git (filter.cwf.clean). Anything that is no workflow comes out byte for byte.',
  examples: [['What a commit would hold', 'cwf git clean portrait.json < portrait.json']],
  hidden: true,
  args: { file: { description: 'name of the file, for messages' } },
  async run({ args }, io) {
    const { clean, indexOf } = await import('../../src/porcelain/git-clean.ts');
    const { bytes, note } = clean(readFileSync(0), args.file ?? 'stdin', indexOf(io.cwd, io.env));
    if (note) io.note(note);
    writeAll(1, bytes);
  },
});
