import { describe, expect, it } from 'vitest';
import { victim } from '../hostile/victim.ts';

describe('cwf rank', () => {
  it('asks, is answered, and shows a ranking', () =>
    victim((it) => {
      for (const steps of ['31', '32']) it.done('set', 'ok.json', '3.steps', steps);
      expect(it.done('rank', 'show')).toContain('No choice yet');
      const [a, b, bits] = it
        .done('rank', 'next', '--among', 'HEAD', 'HEAD~1', 'HEAD~2..', '--porcelain')
        .trim()
        .split('\t');
      expect(Number(bits)).toBeGreaterThan(0.1);
      expect(it.done('rank', a!, b!, '--winner', 'b')).toContain(b!.slice(0, 8));
      it.done('rank', '--best', 'HEAD~2', '--of', 'HEAD', 'HEAD~1', 'HEAD~2');
      it.done('rank', 'HEAD', 'HEAD~1', '--winner', 'tie');
      const shown = JSON.parse(it.done('rank', 'show', '--json'));
      expect(shown).toMatchObject({ schema: 'cwf.rank.show/1', choices: 3, actors: { person: 3 } });
      expect(shown.ranking[0].id).toBe(it.git('rev-parse', 'HEAD~2'));
      const lines = it.done('rank', 'show').split('\n');
      expect(lines[1]).toMatch(/^ +1 +1 to 3 +\+0\.\d\d ± \d\.\d\d +\d\d % +2 +0 +0 +[0-9a-f]{8} {2}/);
      expect(lines).toContain('3 choices (person 3)');
      const rows = it.done('rank', 'show', '--porcelain').trim().split('\n');
      expect(rows.map((row) => row.split('\t').at(-1))).toEqual(shown.ranking.map(({ id }: { id: string }) => id));
      expect(it.done('rank', 'next')).toMatch(
        /^a {2}[0-9a-f]{8} {2}.*\nb {2}[0-9a-f]{8} {2}.*\na is better with \d+ %/,
      );
      it.done('rank', 'HEAD', 'HEAD~1', '--winner', 'a', '--dry-run');
      expect(JSON.parse(it.done('rank', 'show', '--json')).choices).toBe(3);
      it.done('undo');
      expect(JSON.parse(it.done('rank', 'show', '--json')).choices).toBe(2);
      expect(it.git('status', '--porcelain')).toBe('');
    }));

  it('tells what contradicts itself', () =>
    victim((it) => {
      for (const steps of ['31', '32']) it.done('set', 'ok.json', '3.steps', steps);
      const pairs = [
        ['HEAD', 'HEAD~1'],
        ['HEAD~1', 'HEAD~2'],
        ['HEAD~2', 'HEAD'],
      ] as const;
      for (const pair of pairs) it.done('rank', ...pair, '--winner', 'a');
      it.done('rank', 'HEAD', 'HEAD~1', '--winner', 'b', '--actor', 'agent/critic');
      it.done('rank', 'HEAD', 'HEAD~1', '--winner', 'a');
      const shown = it.done('rank', 'show');
      expect(shown).toContain('5 choices (person 4, agent/critic 1)');
      expect(shown).toContain('1 of 3 repeated answers agree');
      expect(shown).toMatch(/1 of 1 triple goes in a circle: [0-9a-f]{8} over [0-9a-f]{8} over [0-9a-f]{8} over/);
      expect(shown).toContain("consistency (Kendall's zeta) 0.00");
      expect(it.done('rank', 'show', '--by', 'agent')).toContain('1 choice (agent/critic 1)');
      it.git('notes', '--ref=cwf/rank', 'append', '-m', 'a remark \x1b[31m', 'HEAD');
      expect(it.run(['rank', 'show']).stderr).toContain('1 line in the notes is no choice');
    }));
});
