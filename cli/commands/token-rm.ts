import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'token rm',
  summary: 'Take a token away',
  description: 'A server that runs refuses it from then on.',
  examples: [['The agent is done', 'cwf token rm agent/tuner']],
  args: { actor: { description: 'whose token', required: true } },
  async run({ args }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { tokenRm } = await import('../../src/porcelain/token.ts');
    const out = await tokenRm.run(ctx, { actor: args.actor });
    io.result('cwf.token.rm/1', out, () => io.print(`Took the token of ${out.actor} away`));
  },
});
