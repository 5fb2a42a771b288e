import { type ErrorRow, row } from './error-row.ts';

/** Errors of outputs and of choices among them: part of the one table of errors. */
export const OUTPUT_ERRORS = {
  RANK_INVALID: row(
    'usage',
    (d) => `rank: ${d.reason}`,
    () => 'Name two or more different candidates and which of them is best; see `cwf help rank`.',
  ),
  OUTPUT_FILE_NOT_FOUND: row(
    'not-found',
    (d) => `no output ${d.output}`,
    () => 'See `cwf output ls`; outputs do not travel with git, so those of other copies are not here.',
  ),
  OUTPUT_AMBIGUOUS: row(
    'not-found',
    (d) => `${d.output} names more than one output: ${d.known}`,
    () => 'Give more digits.',
  ),
  OUTPUT_CORRUPT: row(
    'corrupt',
    (d) => `output ${d.output} is damaged: ${d.reason}`,
    () => 'Run it again, or add the file again with `cwf output add`: the whole one takes its place.',
  ),
} as const satisfies Record<string, ErrorRow>;
