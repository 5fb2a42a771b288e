import { resolve } from 'node:path';
import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';
import { writeAll } from '../output/sink.ts';

export const command = defineCommand({
  name: 'git textconv',
  summary: 'Print a workflow as git shows it, one fact per line',
  description: 'Called by git (diff.cwf.textconv). Anything that is no workflow is printed as it is.',
  examples: [['What `git diff` compares', 'cwf git textconv portrait.json']],
  hidden: true,
  args: { file: { description: 'file to print', required: true, complete: 'file' } },
  async run({ args }, io) {
    const { readBytes } = await import('../../src/porcelain/plain-files.ts');
    const { textconv } = await import('../../src/porcelain/git-textconv.ts');
    const bytes = readBytes(resolve(io.cwd, args.file), args.file);
    const shown = textconv(bytes, args.file);
    if (shown.kind === 'outline') for (const line of shown.lines) io.print(safe(line));
    else {
      if (shown.note) io.note(shown.note);
      writeAll(1, bytes);
    }
  },
});
