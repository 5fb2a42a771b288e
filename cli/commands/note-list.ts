import { defineCommand } from '../command.ts';
import { short } from '../output/commits.ts';
import { printFacts } from '../output/notes.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'note list',
  summary: 'List all notes',
  examples: [['Everything that was noted', 'cwf note list --json']],
  paged: true,
  async run(_input, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { noteList } = await import('../../src/porcelain/note.ts');
    const out = await noteList.run(ctx, {});
    io.result('cwf.note.list/1', out, () => {
      for (const { oid, subject, facts } of out.notes) {
        io.print(`${io.color.yellow(short(oid))}  ${safe(subject)}`);
        printFacts(io, facts);
      }
    });
  },
});
