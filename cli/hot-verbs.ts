/**
 * The verbs people, shells and git run all day. Each is built into a file of its own (dist/verb/<verb>.cjs) that runs
 * without oclif, whose loading costs more than all their work. None of them has subcommands.
 */
export const HOT: readonly string[] = [
  '__complete',
  'commit',
  'diff',
  'git clean',
  'git diff-driver',
  'git filter-process',
  'git merge-driver',
  'git pre-commit',
  'git textconv',
  'log',
  'show',
  'status',
  'version',
];
