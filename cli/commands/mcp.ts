import { CwfError } from '../../src/base/errors.ts';
import { VERSION } from '../../src/base/version.ts';
import { parseActor } from '../../src/porcelain/actor.ts';
import { defineCommand } from '../command.ts';
import { safe } from '../output/safe.ts';
import { stopSignal } from '../stop-signal.ts';

/** Only people approve, and whoever speaks here is a program. */
const NO_PERSON = 'Over MCP an actor is agent/<name> or tool/<name>.';
const SCOPES = ['read', 'propose', 'write'] as const;

export const command = defineCommand({
  name: 'mcp',
  summary: 'Serve the repository to an agent over MCP',
  description:
    'Speaks the Model Context Protocol on stdin and stdout; an agent starts it by itself. It acts as agent/<name of its client>, and may only propose: its edits land on one proposal, which a person looks at with `cwf review show` and merges. With --scope write it edits the branch that HEAD is on, where no rule of `cwf protect` keeps agents off. It ends when its input does, or by Ctrl-C (SIGINT) or SIGTERM, with exit code 0. A server that runs (`cwf serve`) has the same at /mcp. docs/mcp.md has the rules.',
  examples: [
    ['As the configuration of an agent has it', 'cwf mcp -C ~/workflows'],
    ['For looking only', 'cwf mcp --scope read'],
    ['Under a name of your own', 'cwf mcp --actor agent/tuner'],
  ],
  flags: {
    scope: {
      type: 'string',
      options: SCOPES,
      default: 'propose',
      description: 'what the agent may do',
    },
    actor: {
      type: 'string',
      value: 'who',
      description: 'agent/<name> or tool/<name>; else agent/<name of its client>',
    },
  },
  async run({ flags: { scope, actor } }, io) {
    const stopped = stopSignal();
    const named = actor === undefined ? {} : { actor: parseActor(actor) };
    if (named.actor === 'person') throw new CwfError('ACTOR_INVALID', { actor: 'person' }, { hint: NO_PERSON });
    const ctx = await io.open();
    const { serveStdio } = await import('../../server/mcp/stdio.ts');
    const { stdin: input, stdout: output } = process;
    const served = await serveStdio({ ctx, scope, version: VERSION, input, output, ...named });
    if (input.isTTY)
      io.note(`Agents start this by themselves, in ${safe(ctx.repo.workDir)}: docs/mcp.md. Ctrl-C ends it.`);
    await Promise.race([served.ended, stopped]);
    await served.close();
    // A terminal or pipe that is still open would keep the program.
    input.destroy();
  },
});
