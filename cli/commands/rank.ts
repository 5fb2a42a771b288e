import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { rankStudy } from '../output/rank-study.ts';
import { candidateLine, shortCandidate } from '../output/ranking.ts';

export const command = defineCommand({
  name: 'rank',
  summary: 'Say which of several results is best',
  description:
    'A choice is a note (refs/notes/cwf/rank) on the commit that was chosen; `cwf undo` takes it back. Candidates are commits, or outputs as sha256:<digits>. With the name of a study alone it asks about its trials, pair by pair, until you say q; a running study for `preference` takes up each answer.',
  examples: [
    ['The second of two is better', 'cwf rank trial/a trial/b --winner b'],
    ['Neither is', 'cwf rank trial/a trial/b --winner tie'],
    ['The best of four', 'cwf rank --best trial/c --of trial/a trial/b trial/c trial/d'],
    ['Which two to compare next', 'cwf rank next --among main..trial/a'],
    ['What it comes to', 'cwf rank show'],
    ['Judge the trials of a study, in the browser', 'cwf rank portrait-1 --open'],
  ],
  mutates: true,
  args: { candidates: { description: 'two commits, or outputs; or one study', multiple: true, complete: 'revision' } },
  flags: {
    open: { type: 'boolean', description: 'of a study: show each pair in the browser' },
    winner: { type: 'string', options: ['a', 'b', 'tie'], description: 'the first, the second, or neither' },
    best: { type: 'string', value: 'candidate', description: 'the best one of --of', complete: 'revision' },
    of: {
      type: 'string',
      multiple: true,
      value: 'candidates',
      description: 'all that were looked at',
      complete: 'revision',
    },
  },
  async run({ args, flags }, io) {
    if (flags.of.length > 0 && flags.best === undefined)
      throw new CwfError('RANK_INVALID', { reason: 'which one is best is not said: --best <candidate>' });
    const [word] = args.candidates;
    const isStudy = args.candidates.length === 1 && flags.best === undefined && flags.winner === undefined;
    if (isStudy && word !== undefined) return rankStudy(io, word, flags.open);
    if (flags.open) throw new CwfError('USAGE', { command: 'rank', reason: '--open takes one study' });
    const ctx = await io.open({ lazyCatalog: true });
    const { rank } = await import('../../src/porcelain/rank.ts');
    const candidates = [...flags.of, ...args.candidates];
    const out = await rank.run(ctx, { candidates, winner: flags.winner, best: flags.best, dryRun: io.dryRun });
    io.result('cwf.rank/1', out, () => {
      const [first, ...others] = out.candidates;
      const rest = others.map(shortCandidate).join(', ');
      io.print(`${candidateLine(io, first!)}`);
      io.print(io.color.dim(out.choice.kind === 'tie' ? `  ties with ${rest}` : `  over ${rest}`));
    });
  },
});
