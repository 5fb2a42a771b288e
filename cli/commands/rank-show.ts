import { defineCommand } from '../command.ts';
import { printRanking } from '../output/ranking.ts';

export const command = defineCommand({
  name: 'rank show',
  summary: 'Show the ranking that the choices make',
  description:
    'Scores are in logits around the mean, with 95 % intervals; "really" are the ranks that the choices leave open. docs/ranking.md has the model.',
  examples: [
    ['The ranking', 'cwf rank show'],
    ['By the choices of people alone', 'cwf rank show --by person'],
    [
      'Of three trials of a study',
      'cwf rank show --among trial/portrait-1/3 --among trial/portrait-1/5 --among trial/portrait-1/8',
    ],
  ],
  paged: true,
  flags: {
    among: {
      type: 'string',
      multiple: true,
      value: 'revisions',
      description: 'only choices between these: commits, <a>..<b>, or outputs',
      complete: 'revision',
    },
    by: { type: 'string', value: 'actor', description: 'count only the choices of this actor' },
  },
  async run({ flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { rankShow } = await import('../../src/porcelain/rank.ts');
    const out = await rankShow.run(ctx, { among: flags.among, by: flags.by });
    io.result('cwf.rank.show/1', out, () => {
      if (io.mode === 'text') return printRanking(io, out);
      for (const row of out.ranking)
        io.print([row.rank, row.rankFrom, row.rankTo, row.score.toFixed(6), row.error.toFixed(6), row.id].join('\t'));
    });
  },
});
