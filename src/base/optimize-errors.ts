import { type ErrorRow, row } from './error-row.ts';

/** Errors of studies and their search spaces: part of the one table of errors. */
export const OPTIMIZE_ERRORS = {
  SPACE_EMPTY: row(
    'invalid',
    () => 'the search space has no parameter',
    () => 'Name at least one parameter to search over.',
  ),
  SPACE_INVALID: row(
    'invalid',
    (d) => `parameter ${d.parameter}: ${d.reason}`,
    () => 'Correct that parameter of the search space.',
  ),
  GRID_TOO_LARGE: row(
    'invalid',
    (d) => `a grid of this space has more than ${d.limit} points`,
    () => 'Give parameters a step or fewer choices, or take the sampler sobol, which covers a space with any budget.',
  ),
} as const satisfies Record<string, ErrorRow>;
