import type { Past } from './arms.ts';
import type { Problem } from './problems.ts';

/** The past studies that the transfer problem leaves. */
export function pastsOf({ history, specification }: Problem, sources: number): Past[] {
  return Array.from({ length: sources }, (_, source) => ({
    name: `${specification.name}-${source}`,
    trials: history(source).map(({ params, value }) => ({ params, loss: value })),
  }));
}

/** A past study that says the opposite of the truth: the first one, upside down. */
export function adversary(past: Past): Past {
  return { name: 'adversary', trials: past.trials.map(({ params, loss }) => ({ params, loss: 1 - loss })) };
}
