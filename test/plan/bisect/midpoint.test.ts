import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BisectStep, type DagCommit, nextStep } from '../../../src/plan/bisect/midpoint.ts';
import { contained, dagOf, type History, histories } from './histories.ts';

const NONE: ReadonlySet<string> = new Set();

/** Bisects a whole history whose commits are bad when they contain one of the culprits. */
function session(history: History, isBad: (n: number) => boolean, skipped: ReadonlySet<string> = NONE) {
  const dag = dagOf(history);
  let bad = `c${history.length - 1}`;
  const good: string[] = [];
  const skip = new Set<string>();
  for (let tests = 0; ; tests++) {
    const step = nextStep(dag, bad, good, skip);
    if (step.kind !== 'test') return { step, tests };
    expect([bad, ...good, ...skip]).not.toContain(step.oid);
    if (skipped.has(step.oid)) skip.add(step.oid);
    else if (isBad(Number(step.oid.slice(1)))) bad = step.oid;
    else good.push(step.oid);
  }
}

describe('nextStep', () => {
  it('chooses a suspect whose weight is nearest to half, by definition', () => {
    fc.assert(
      fc.property(histories(25), fc.nat(), (history, pick) => {
        const last = history.length - 1;
        const cleared = contained(history, pick % history.length);
        if (cleared.has(last)) return;
        const suspects = [...contained(history, last)].filter((n) => !cleared.has(n));
        const distance = (n: number): number => {
          const weight = [...contained(history, n)].filter((m) => !cleared.has(m)).length;
          return Math.min(weight, suspects.length - weight);
        };
        const step = nextStep(dagOf(history), `c${last}`, [`c${pick % history.length}`], NONE);
        if (suspects.length === 1) expect(step).toEqual({ kind: 'found', oid: `c${last}` });
        else {
          const chosen = Number((step as { oid: string }).oid.slice(1));
          expect(suspects).toContain(chosen);
          expect(distance(chosen)).toBe(Math.max(...suspects.map(distance)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds the planted commit in any history, in about log2 tests', () => {
    fc.assert(
      fc.property(histories(40), fc.nat(), (history, pick) => {
        const culprit = pick % history.length;
        const { step } = session(history, (n) => contained(history, n).has(culprit));
        expect(step).toEqual({ kind: 'found', oid: `c${culprit}` });
      }),
      { numRuns: 200 },
    );
    const chain: History = Array.from({ length: 1000 }, (_, n) => (n === 0 ? [] : [n - 1]));
    const { step, tests } = session(chain, (n) => n >= 617);
    expect(step).toEqual({ kind: 'found', oid: 'c617' });
    expect(tests).toBeLessThanOrEqual(10);
  });

  it('with skipped commits finds the planted one or a set that holds it', () => {
    fc.assert(
      fc.property(histories(30), fc.nat(), fc.array(fc.nat(29)), (history, pick, skips) => {
        const culprit = pick % history.length;
        const skipped = new Set(skips.map((n) => `c${n}`));
        const { step } = session(history, (n) => contained(history, n).has(culprit), skipped);
        if (step.kind === 'found') expect(step.oid).toBe(`c${culprit}`);
        else {
          const { oids } = step as Extract<BisectStep, { kind: 'only-skipped' }>;
          expect(oids).toContain(`c${culprit}`);
          expect(oids.slice(0, -1).filter((oid) => !skipped.has(oid))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('moves away from a skipped stretch instead of testing its neighbours one by one', () => {
    const chain: History = Array.from({ length: 400 }, (_, n) => (n === 0 ? [] : [n - 1]));
    const broken = new Set(Array.from({ length: 41 }, (_, i) => `c${180 + i}`));
    const { step, tests } = session(chain, (n) => n >= 90, broken);
    expect(step).toEqual({ kind: 'found', oid: 'c90' });
    expect(tests).toBeLessThanOrEqual(14);
  });

  it('takes 10,000 commits with merges in under 50 ms', () => {
    const dag: DagCommit[] = [];
    for (let n = 0; n < 10_000; n++) {
      const parents =
        n === 0 ? [] : n % 20 === 0 ? [`c${n - 1}`, `c${Math.max(0, n - 37)}`] : [`c${n - (n % 7 === 3 ? 2 : 1)}`];
      dag.push({ oid: `c${n}`, parents });
    }
    dag.push({ oid: 'end', parents: dag.slice(-60).map(({ oid }) => oid) });
    const times = [0, 1, 2, 3, 4].map(() => {
      const started = performance.now();
      expect(nextStep(dag, 'end', ['c0'], NONE).kind).toBe('test');
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(1000);
  });
});
