import { defineCommand } from '../command.ts';
import { short } from '../output/commits.ts';
import { printFacts } from '../output/notes.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'note show',
  summary: 'Show the notes on a commit',
  examples: [['On the last commit', 'cwf note show']],
  args: { revision: { description: 'commit, HEAD by default', complete: 'revision' } },
  async run({ args }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { noteShow } = await import('../../src/porcelain/note.ts');
    const out = await noteShow.run(ctx, { rev: args.revision });
    io.result('cwf.note.show/1', out, () => {
      io.print(`${io.color.yellow(short(out.oid))}  ${safe(out.subject)}`);
      printFacts(io, out.facts);
      if (out.facts.length === 0) io.print(io.color.dim('    no notes'));
    });
  },
});
