import type { RankNextOutput, RankShowOutput } from '../../src/porcelain/rank.ts';
import type { Candidate } from '../../src/porcelain/rank-candidates.ts';
import type { Io } from '../io.ts';
import { count, short } from './commits.ts';
import { shortOutput } from './outputs.ts';
import { clip, safe } from './safe.ts';

/** What a person types to name a candidate. */
export function shortCandidate({ id, kind }: Pick<Candidate, 'id' | 'kind'>): string {
  return kind === 'commit' ? short(id) : shortOutput(id);
}

/** A candidate in one line: `1a2b3c4d  cfg 8 -> 7`. */
export function candidateLine({ color, columns }: Io, candidate: Candidate): string {
  const name = shortCandidate(candidate);
  return `${color.yellow(name)}  ${clip(candidate.about, Math.max(10, columns - name.length - 4))}`;
}

/** A chance in whole percent, never 0 or 100: nothing is that sure. */
export function percent(chance: number): string {
  return `${Math.min(99, Math.max(1, Math.round(chance * 100)))} %`;
}

/** Prints which two to compare, and how to answer. */
export function printQuestion(io: Io, out: RankNextOutput): void {
  io.result('cwf.rank.next/1', out, () => {
    const { a, b, study, bits, chances, written } = out;
    const nameOf = (at: 0 | 1): string =>
      study ? `trial/${study.name}/${study.trials[at]}` : shortCandidate(at === 0 ? a : b);
    if (io.mode === 'porcelain') return io.print(`${a.id}\t${b.id}\t${bits.toFixed(4)}`);
    io.print(`a  ${candidateLine(io, a)}`);
    io.print(`b  ${candidateLine(io, b)}`);
    io.print(io.color.dim(`a is better with ${percent(chances.a)}; the answer tells ${bits.toFixed(2)} bits`));
    if (written !== undefined) io.print(`look at them: ${safe(written)}`);
    io.note(`Answer with \`cwf rank ${safe(nameOf(0))} ${safe(nameOf(1))} --winner a|b|tie\``);
  });
}

/** Prints a ranking as a table, then what to think of it. */
export function printRanking(io: Io, out: RankShowOutput): void {
  const { color } = io;
  if (out.ranking.length === 0) {
    io.print('No choice yet; make one with `cwf rank <a> <b> --winner a|b|tie`');
  } else {
    io.print(color.dim('rank  really     score          beats the mean  won lost tied'));
    for (const row of out.ranking) {
      const range = row.rankFrom === row.rankTo ? String(row.rankFrom) : `${row.rankFrom} to ${row.rankTo}`;
      const score = `${row.score < 0 ? '-' : '+'}${Math.abs(row.score).toFixed(2)} ± ${(1.96 * row.error).toFixed(2)}`;
      const tally = [row.won, row.lost, row.tied].map((n, i) => String(n).padStart(i === 0 ? 4 : 5)).join('');
      io.print(
        `${String(row.rank).padStart(4)}  ${range.padEnd(9)}  ${score.padEnd(13)}  ${percent(row.chance).padStart(14)} ${tally}  ${candidateLine(io, row)}`,
      );
    }
    for (const line of remarks(out)) io.print(color.dim(line));
  }
  if (out.unread > 0)
    io.note(`${count(out.unread, 'line')} in the notes ${out.unread === 1 ? 'is' : 'are'} no choice: left out`);
}

function remarks({ choices, actors, tieChance, consistency, ranking }: RankShowOutput): string[] {
  const { triads, circular, example, zeta, repeats, agreeing, groups } = consistency;
  const by = Object.entries(actors).map(([actor, n]) => `${safe(actor)} ${n}`);
  const lines = [`${count(choices, 'choice')} (${by.join(', ')})`];
  if (tieChance !== undefined) lines.push(`two equal ones tie in ${percent(tieChance)} of the cases`);
  if (repeats > 0) lines.push(`${agreeing} of ${repeats} repeated answers agree`);
  if (circular > 0 && example !== undefined) {
    const names = new Map(ranking.map((row) => [row.id, shortCandidate(row)]));
    const circle = [...example, example[0]].map((id) => names.get(id) ?? id).join(' over ');
    lines.push(`${circular} of ${count(triads, 'triple')} ${circular === 1 ? 'goes' : 'go'} in a circle: ${circle}`);
  } else if (triads > 0) lines.push(`no circle in ${count(triads, 'triple')}`);
  if (zeta !== undefined) lines.push(`consistency (Kendall's zeta) ${zeta.toFixed(2)}`);
  if (groups.length > 1) lines.push(`${groups.length} groups were never compared: their order says little`);
  return lines;
}
