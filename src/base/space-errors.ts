import { type ErrorRow, row } from './error-row.ts';

/** Errors of the spaces of workflows and of their files: part of the one table of errors. */
export const SPACE_ERRORS = {
  SPACE_FILE_INVALID: row(
    'invalid',
    (d) => `${d.source}${d.line ? `:${d.line}` : ''}: ${d.field ? `${d.field}: ` : ''}${d.reason}`,
    () => 'docs/spaces.md describes the file; `cwf space <workflow> --write <file>` makes one to start from.',
  ),
  SPACE_NOTHING: row(
    'invalid',
    (d) => `${d.source}: nothing to vary${d.why ? `: ${d.why}` : ''}`,
    () => 'See `cwf space <workflow>` for what was found and why it is held; name an input with --with to vary it.',
  ),
  SPACE_HOSTED: row(
    'budget',
    (d) => `${d.source}: every run pays for ${d.nodes}${d.why ? `, and ${d.why}` : ''}`,
    () => 'Mute these nodes, or say what may be spent and what a run costs: --money 5 --cost-per-run 0.04.',
  ),
} as const satisfies Record<string, ErrorRow>;
