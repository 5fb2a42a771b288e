import { CwfError } from '../../../base/errors.ts';
import { domainOf, triedKeys } from '../domain/domain.ts';
import { gridPoints } from '../domain/grid.ts';
import type { Sampler } from '../sampler.ts';
import type { Params, Space } from '../space.ts';
import { nextNumber } from './next-number.ts';

/** A grid of more points is refused. */
const LIMIT = 20_000;
const DIVISIONS = 5;

/**
 * Every combination in the order of the space, the last parameter fastest, so that runs which share their first nodes
 * follow each other; the first that nobody tried. A parameter of more than `divisions` numbers gives that many. When
 * all are tried it begins anew. `suggest` throws GRID_TOO_LARGE.
 */
export function gridSampler({ divisions = DIVISIONS }: { readonly divisions?: number } = {}): Sampler {
  return {
    name: 'grid',
    suggest: ({ space, trials }) => {
      const points = gridOf(space, divisions);
      const domain = domainOf(space);
      const tried = triedKeys(domain, trials);
      return points.find((params) => !tried.has(domain.keyOf(params))) ?? points[nextNumber(trials) % points.length]!;
    },
  };
}

function gridOf(space: Space, divisions: number): Params[] {
  const points: Params[] = [];
  for (const params of gridPoints(space, divisions)) {
    points.push(params);
    if (points.length > LIMIT) throw new CwfError('GRID_TOO_LARGE', { limit: LIMIT });
  }
  return points;
}
