import { defineCommand } from '../command.ts';
import { candidateLine, percent, shortCandidate } from '../output/ranking.ts';

export const command = defineCommand({
  name: 'rank next',
  summary: 'Tell which two to compare next',
  description: 'The pair whose comparison would tell most about the scores. The same choices give the same pair.',
  examples: [
    ['Among all that were compared', 'cwf rank next'],
    ['Among the commits of a branch', 'cwf rank next --among main..trial/flux'],
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
    by: { type: 'string', value: 'actor', description: 'count only the choices of this actor' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { rankNext } = await import('../../src/porcelain/rank.ts');
    const out = await rankNext.run(ctx, { among: [...flags.among, ...args.candidates], by: flags.by });
    io.result('cwf.rank.next/1', out, () => {
      const [a, b] = [shortCandidate(out.a), shortCandidate(out.b)];
      if (io.mode === 'porcelain') return io.print(`${out.a.id}\t${out.b.id}\t${out.bits.toFixed(4)}`);
      io.print(`a  ${candidateLine(io, out.a)}`);
      io.print(`b  ${candidateLine(io, out.b)}`);
      io.print(
        io.color.dim(`a is better with ${percent(out.chances.a)}; the answer tells ${out.bits.toFixed(2)} bits`),
      );
      io.note(`Answer with \`cwf rank ${a} ${b} --winner a|b|tie\``);
    });
  },
});
