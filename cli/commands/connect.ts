import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { confidenceIn } from '../confidence.ts';
import { PROPOSE_FLAGS } from '../flags.ts';
import { count } from '../output/commits.ts';
import { noteEdit, printRecorded } from '../output/edit.ts';
import { printLinks } from '../output/links.ts';

export const command = defineCommand({
  name: 'connect',
  summary: 'Propose links for open inputs, or make those that are sure',
  description:
    'For each input that needs a link and has none, the output that most likely feeds it: by type, by what such inputs are fed by elsewhere in the file, by names, by what lies idle, and never in a circle; with how sure that is, from 0 to 1, and why. --plan shows them, of a file, <rev>:<path>, an image or - for stdin, and needs no repository; --apply makes those that are at least so sure, in one commit. One link that you know is `cwf edit <file> connect <output> <input>`.',
  examples: [
    ['What could be linked', 'cwf connect --plan portrait.json'],
    ['Inputs that may stay open as well', 'cwf connect --plan --optional portrait.json'],
    ['Make the sure ones', 'cwf connect portrait.json --apply 0.9'],
  ],
  mutates: true,
  args: { file: { description: 'workflow file', required: true, complete: 'file' } },
  flags: {
    plan: { type: 'boolean', description: 'show the links; with --apply those that were not made, too' },
    optional: { type: 'boolean', description: 'also inputs that may stay open' },
    'min-confidence': { type: 'string', value: 'number', description: 'least confidence to show, 0 to 1' },
    apply: { type: 'string', value: 'number', description: 'make links at least so sure, 0 to 1' },
    message: { type: 'string', char: 'm', value: 'text', description: 'subject of the commit' },
    ...PROPOSE_FLAGS,
    strict: { type: 'boolean', description: 'refuse links that bring errors; else they are told' },
  },
  async run({ args: { file }, flags }, io) {
    const { plan, optional, message, strict, propose, proposal } = flags;
    const least = confidenceIn('connect', 'min-confidence', flags['min-confidence']) ?? 0;
    const apply = confidenceIn('connect', 'apply', flags.apply);
    const isShown = ({ confidence }: { readonly confidence: number }): boolean => confidence >= least;
    if (apply === undefined) {
      if (!plan) throw usage('say --plan to see the links, or --apply <number> to make those that are so sure');
      const { planLinks } = await import('../../src/porcelain/connect.ts');
      const world = { cwd: io.cwd, now: Date.now, stdin: () => process.stdin, open: () => io.open() };
      const out = await planLinks({ file, optional }, world);
      const proposals = out.proposals.filter(isShown);
      io.result('cwf.connect-plan/1', { ...out, proposals }, () => printLinks(io, proposals));
      const more = out.proposals.length - proposals.length;
      if (more > 0) io.note(`${count(more, 'link')} below ${least}`);
      else if (proposals.length === 0) io.note('nothing fits an open input');
      return;
    }
    const ctx = await io.open();
    const { connect } = await import('../../src/porcelain/connect.ts');
    const input = { file, optional, apply, message, strict, propose, proposal, reason: io.reason, dryRun: io.dryRun };
    const out = await connect.run(ctx, input);
    const left = out.left.filter(isShown);
    io.result('cwf.connect/1', { ...out, left }, () => {
      printRecorded(io, out);
      if (io.mode === 'porcelain' || !plan) return;
      printLinks(io, out.made, '+ ');
      printLinks(io, left, '  ');
    });
    if (!plan && left.length > 0)
      io.note(`${count(left.length, 'link')} not sure enough: cwf connect --plan shows them`);
    noteEdit(io, out);
  },
});

function usage(reason: string): CwfError {
  return new CwfError('USAGE', { command: 'connect', reason });
}
