import { defineCommand } from '../command.ts';
import { fileLine, printChanges } from '../output/changes.ts';
import { safe } from '../output/safe.ts';

/** Exit code after which the command in git's configuration shows lines. */
const NOT_SHOWN = 2;

export const command = defineCommand({
  name: 'git diff-driver',
  summary: 'Show what changed in one workflow, for git',
  description:
    'Called by git (diff.cwf.command, after `cwf git install --semantic`) with path, old-file, old-hex, old-mode, new-file, new-hex, new-mode. What is no workflow is shown as git shows it.',
  examples: [['As git calls it', 'cwf git diff-driver portrait.json old.json 1a2b3c4 100644 new.json 5d6e7f8 100644']],
  hidden: true,
  args: { words: { description: 'what git says of the two files', required: true, multiple: true } },
  async run({ args }, io) {
    try {
      const { diffDriver } = await import('../../src/porcelain/git-diff-driver.ts');
      const diff = diffDriver(args.words, io.color.red('x') !== 'x');
      if (diff === undefined) return NOT_SHOWN;
      if (diff.kind === 'unmerged') io.print(`* Unmerged path ${safe(diff.file)}`);
      else if (diff.kind === 'lines') io.print(diff.text.replace(/\n$/, ''));
      else if (diff.kind === 'same') io.print(`  = ${safe(diff.file)}  the same workflow, laid out anew`);
      else if (diff.kind === 'edits') printChanges(io, [diff.report], { words: true });
      else {
        io.print(fileLine(io, diff.report));
        const [sign, paint] = diff.report.kind === 'added' ? ['+', io.color.green] : ['-', io.color.red];
        for (const line of diff.outline) io.print(`    ${paint(`${sign} ${safe(line)}`)}`);
      }
      // What was passed to git is told apart from what git shows; the rest belongs to the file.
      if ('notes' in diff)
        for (const note of diff.notes) diff.kind === 'lines' ? io.note(note) : io.print(`    ${safe(note)}`);
      return 0;
    } catch (error) {
      io.note(`cwf: not compared: ${(error as Error).message}`);
      return NOT_SHOWN;
    }
  },
});
