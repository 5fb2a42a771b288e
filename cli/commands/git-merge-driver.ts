import { readFileSync, writeFileSync } from 'node:fs';
import { defineCommand } from '../command.ts';

/** Git's own length of conflict markers. */
const MARKER_SIZE = 7;
/** As of every merge with open decisions; the command in git's configuration makes git's 1 of it. */
const OPEN = 4;
/** Any other code: that command then merges lines. */
const NOT_MERGED = 2;

export const command = defineCommand({
  name: 'git merge-driver',
  summary: 'Merge one file for git, node by node',
  description:
    'Called by git (merge.cwf.driver) with %O %A %B %L %P %S %X %Y; writes the result over <ours>. Exit code 0: merged; 4: decisions are open; anything else: nothing was written.',
  examples: [['As git calls it', 'cwf git merge-driver base ours theirs 7 portrait.json']],
  hidden: true,
  args: {
    base: { description: 'file with the common ancestor', required: true },
    ours: { description: 'file with our side; takes the result', required: true },
    theirs: { description: 'file with their side', required: true },
    size: { description: 'length of conflict markers' },
    path: { description: 'name of the file in the tree' },
    'base-label': { description: 'name of the ancestor' },
    'ours-label': { description: 'name of our side' },
    'theirs-label': { description: 'name of their side' },
  },
  flags: { base: { type: 'boolean', description: 'the result is a virtual base: nothing may stay open in it' } },
  async run({ args, flags }, io) {
    try {
      const { mergeDriver } = await import('../../src/porcelain/git-merge-driver.ts');
      const size = Number(args.size);
      const merged = mergeDriver({
        file: told(args.path) ?? args.ours,
        base: readFileSync(args.base),
        ours: readFileSync(args.ours),
        theirs: readFileSync(args.theirs),
        markerSize: Number.isInteger(size) && size > 0 && size < 1000 ? size : MARKER_SIZE,
        labels: {
          base: told(args['base-label']) ?? 'base',
          ours: told(args['ours-label']) ?? 'ours',
          theirs: told(args['theirs-label']) ?? 'theirs',
        },
        isVirtual: flags.base,
      });
      for (const note of merged.notes) io.note(note);
      if (merged.kind === 'undecided') return NOT_MERGED;
      writeFileSync(args.ours, merged.bytes);
      return merged.kind === 'clean' ? 0 : OPEN;
    } catch (error) {
      io.note(`cwf: ${args.path ?? args.ours}: not merged: ${(error as Error).message}`);
      return NOT_MERGED;
    }
  },
});

/** A git that does not know a placeholder hands it over as it stands. */
function told(text: string | undefined): string | undefined {
  return text === undefined || text === '' || /^%[A-Z]$/.test(text) ? undefined : text;
}
