import type { Past } from './arms.ts';
import type { Problem } from './problems.ts';

/**
 * The past studies that the transfer problem leaves; with `draw` others of the same tasks. As recorded the three
 * histories are the same for all seeds, so that its figures say how lucky these were as much as how good an arm is.
 */
export function pastsOf({ history, specification }: Problem, sources: number, draw?: number): Past[] {
  return Array.from({ length: sources }, (_, source) => ({
    name: `${specification.name}-${source}`,
    trials: history(source, draw).map(({ params, value }) => ({ params, loss: value })),
  }));
}

/** A past study that says the opposite of the truth: the first one, upside down. */
export function adversary(past: Past): Past {
  return { name: 'adversary', trials: past.trials.map(({ params, loss }) => ({ params, loss: 1 - loss })) };
}
