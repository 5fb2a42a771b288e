import { expect, test } from 'vitest';
import { FIDELITY_ARMS } from '../../bench/optimize/arms.ts';
import { runFidelity } from '../../bench/optimize/fidelity.ts';
import { differenceFrom, problemsOf } from '../../bench/optimize/problems.ts';
import { readSpecification } from '../../bench/optimize/specification.ts';
import { pointFault } from '../../src/plan/optimize/domain/check.ts';
import { withCorpus } from '../corpus.ts';

withCorpus('hpo/problems.json', (file) => {
  const problems = problemsOf(readSpecification(file));

  test.each(problems)('$specification.name gives the recorded values', (problem) => {
    const { vectors } = problem.specification;
    expect(vectors.length).toBeGreaterThan(0);
    for (const [place, vector] of vectors.entries()) expect(differenceFrom(problem, vector, place)).toBeLessThan(1e-12);
  });

  test('a point over the limit of memory is not seen', () => {
    const { specification, evaluate } = problems.find((problem) => problem.specification.name === 'comfy_oom')!;
    const outcomes = specification.vectors.map(({ x }) => evaluate(x, 0, 0));
    expect(outcomes.some(({ observed }) => observed === undefined)).toBe(true);
    for (const { observed, excess } of outcomes) expect(observed === undefined).toBe(excess! > 0);
  });

  test('a budget counts a trial that ends exactly at it, and not one image more', () => {
    const problem = problems.find(({ specification }) => specification.name === 'comfy_prompts')!;
    const arm = FIDELITY_ARMS.find(({ name }) => name === 'random/none')!;
    let [complete, made] = [0, 0];
    const counting = {
      ...arm,
      recommend: (...[history, fidelity]: Parameters<typeof arm.recommend>) => {
        complete = history.trials.filter(({ state }) => state === 'COMPLETE').length;
        made = history.trials.reduce((sum, { intermediate }) => sum + intermediate.length, 0);
        return arm.recommend(history, fidelity);
      },
    };
    expect(Object.keys(runFidelity(problem, counting, 0, [270]))).toEqual(['270']);
    expect([complete, made]).toEqual([10, 270]);
  });

  test('sources leave points of the space', () => {
    const { specification, history } = problems.find((problem) => problem.specification.name === 'comfy_transfer')!;
    const points = history(1);
    expect(points).toHaveLength(60);
    for (const { params } of points) expect(pointFault(specification.space, params)).toBeUndefined();
  });
});
