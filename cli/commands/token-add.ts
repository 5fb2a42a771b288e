import { TOKEN_SCOPES } from '../../src/porcelain/token-scope.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'token add',
  summary: 'Make a token by which the server knows an agent or a tool',
  description:
    'The token is printed once and kept only as its hash. What is done with it is recorded as done by its actor. An agent may read or propose, and nothing else.',
  examples: [
    ['An agent that proposes edits', 'cwf token add agent/tuner --scope propose'],
    ['A program that commits', 'cwf token add tool/nightly --scope write'],
    ['For a script', 'TOKEN=$(cwf token add tool/report --scope read --porcelain)'],
  ],
  args: { actor: { description: 'whose: agent/<name>, tool/<name> or person', required: true } },
  flags: {
    scope: { type: 'string', options: TOKEN_SCOPES, default: 'read', description: 'what it may do' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { tokenAdd } = await import('../../src/porcelain/token.ts');
    const out = await tokenAdd.run(ctx, { actor: args.actor, scope: flags.scope });
    io.result('cwf.token.add/1', out, () => io.print(out.token));
    if (io.mode === 'text') io.note(`${out.actor} may ${out.scope} with it; it is not shown again`);
  },
});
