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
    (d) => `${d.source}: every trial pays for ${d.nodes}`,
    () => 'Mute these nodes, or give the study a budget of money.',
  ),
} as const satisfies Record<string, ErrorRow>;
