import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { short } from '../output/commits.ts';
import { printFacts } from '../output/notes.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'note add',
  summary: 'Note metrics or a text on a commit',
  description: 'Notes are git notes (refs/notes/cwf/...): the commit itself does not change.',
  examples: [
    ['A metric of the last commit', 'cwf note add --metric sharpness=812.4'],
    ['A remark on another one', 'cwf note add HEAD~2 --text "the best so far"'],
  ],
  mutates: true,
  args: { revision: { description: 'commit, HEAD by default', complete: 'revision' } },
  flags: {
    metric: { type: 'string', multiple: true, value: 'name=number', description: 'a number measured on this commit' },
    text: { type: 'string', value: 'text', description: 'a remark' },
  },
  async run({ args, flags }, io) {
    const metrics = Object.fromEntries(flags.metric.map(parseMetric));
    const ctx = await io.open({ lazyCatalog: true });
    const { noteAdd } = await import('../../src/porcelain/note.ts');
    const out = await noteAdd.run(ctx, { rev: args.revision, metrics, text: flags.text, dryRun: io.dryRun });
    io.result('cwf.note.add/1', out, () => {
      io.print(`${io.color.yellow(short(out.oid))}  ${safe(out.subject)}`);
      printFacts(io, out.facts);
    });
  },
});

function parseMetric(text: string): [string, number] {
  const at = text.lastIndexOf('=');
  const value = text.slice(at + 1);
  if (at < 1) throw new CwfError('NOTE_INVALID', { reason: `${text} is no <name>=<number>` });
  return [text.slice(0, at), /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value) ? Number(value) : Number.NaN];
}
