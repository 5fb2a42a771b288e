import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { printRuns } from '../output/run-list.ts';

export const command = defineCommand({
  name: 'run ls',
  summary: 'List the runs of all commits, the latest first',
  description:
    'Reads refs/notes/cwf/runs. Numbers are means over the outputs of a run; `cwf note show <commit>` tells all that is known of one.',
  examples: [
    ['The latest', 'cwf run ls'],
    ['What went wrong on one server', 'cwf run ls --on desk --unfinished'],
    ['As data', 'cwf run ls --json'],
  ],
  paged: true,
  flags: {
    on: { type: 'string', value: 'runner', description: 'only runs on this runner' },
    file: { type: 'string', value: 'path', description: 'only runs of this workflow', complete: 'file' },
    unfinished: { type: 'boolean', description: 'only runs that did not finish' },
    limit: { type: 'integer', short: 'n', min: 1, value: 'number', description: 'most runs; 50 by default' },
    skip: { type: 'integer', min: 0, value: 'number', description: 'leave out so many of the latest' },
  },
  async run({ flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { runLs } = await import('../../src/porcelain/run-list.ts');
    const out = await runLs.run(ctx, flags);
    io.result('cwf.run.ls/1', out, () => {
      printRuns(io, out.runs);
      if (out.total > out.runs.length) io.note(`${out.runs.length} of ${count(out.total, 'run')}`);
    });
  },
});
