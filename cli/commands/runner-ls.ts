import { defineCommand } from '../command.ts';
import { printRunners } from '../output/run-list.ts';

export const command = defineCommand({
  name: 'runner ls',
  summary: 'List the runners: whether each can be reached, how busy it is, and what it has',
  description:
    'Asks the ComfyUI servers of .cwfrc and the embedded engine. A server that does not answer is told with the reason; the exit code stays 0.',
  examples: [
    ['All of them', 'cwf runner ls'],
    ['One', 'cwf runner ls --on desk'],
  ],
  paged: true,
  flags: { on: { type: 'string', value: 'runner', description: 'only this one' } },
  async run({ flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { runnerLs } = await import('../../src/porcelain/runner-list.ts');
    const out = await runnerLs.run(ctx, flags);
    io.result('cwf.runner.ls/1', out, () => printRunners(io, out.runners));
  },
});
