import { defineCommand } from '../command.ts';
import { printQuestion } from '../output/ranking.ts';

export const command = defineCommand({
  name: 'rank next',
  summary: 'Tell which two to compare next',
  description: 'The pair whose comparison would tell most about the scores. The same choices give the same pair.',
  examples: [
    ['Among all that were compared', 'cwf rank next'],
    ['Among the commits of a branch', 'cwf rank next --among main..trial/flux'],
    ['Of a study, with a page to look at', 'cwf rank next --study portrait-1 --out pair.html'],
  ],
  args: { candidates: { description: 'more of --among', multiple: true, complete: 'revision' } },
  flags: {
    among: {
      type: 'string',
      multiple: true,
      value: 'revisions',
      description: 'candidates: commits, <a>..<b>, or outputs',
      complete: 'revision',
    },
    study: { type: 'string', value: 'study', description: 'ask about trials of this study' },
    out: {
      type: 'string',
      value: 'file',
      complete: 'file',
      description: 'write a page with the two beside each other',
    },
    by: { type: 'string', value: 'actor', description: 'count only the choices of this actor' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { rankNext } = await import('../../src/porcelain/rank.ts');
    const out = await rankNext.run(ctx, {
      among: [...flags.among, ...args.candidates],
      by: flags.by,
      study: flags.study,
      out: flags.out,
    });
    printQuestion(io, out);
  },
});
