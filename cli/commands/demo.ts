import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'demo',
  summary: 'Show the main job with real pictures, in a temporary folder',
  description: 'Runs every step for real and checks what it did; the exit code is 0 only when all of them did it.',
  examples: [
    ['In a few seconds', 'cwf demo'],
    ['And keep the folder to look around in', 'cwf demo --keep'],
  ],
  flags: { keep: { type: 'boolean', description: 'keep the folder' } },
  async run({ flags }, io) {
    const { runDemo } = await import('../demo/run.ts');
    const out = await runDemo(io, flags.keep);
    if (io.mode === 'json' || io.mode === 'jsonl') io.json({ schema: 'cwf.demo/1', ...out });
    return out.failed === 0 ? undefined : 1;
  },
});
