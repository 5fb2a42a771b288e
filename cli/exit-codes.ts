/** Exit codes and what they mean, for `cwf help exit-codes` and docs/errors.md. */
export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'done; nothing to complain about'],
  ['1', 'the operation failed, or `--exit-code` found differences'],
  ['2', 'the command line or the configuration is wrong'],
  ['3', 'a file, patch or value is not valid'],
  ['4', 'conflict, or something else changed meanwhile'],
  ['5', 'not found: commit, branch, file, node'],
  ['6', 'a server could not be reached'],
  ['7', 'a server failed or ran out of memory'],
  ['8', 'the budget is used up'],
  ['9', 'the repository is damaged; `cwf fsck` says where'],
  ['10', 'not allowed: token missing or scope too small'],
  ['70', 'a bug in cwf'],
  ['128+n', 'ended by signal n (130: Ctrl-C; 141: the reader of the output went away)'],
];
