import { COMMANDS } from './commands/index.ts';
import { execute, fail } from './execute.ts';
import { quickParse } from './parse.ts';
import { resolveCommand } from './words.ts';

/**
 * The verbs people run all day, dispatched without oclif, whose loading costs more than all their work. Everything
 * else, and every command line that is not plainly right, goes to oclif with the same declarations.
 */
export const HOT: ReadonlySet<string> = new Set(['version', 'status', 'log', 'commit', 'show', 'diff', '__complete']);

/** Runs a command line and returns the exit code of the process; never throws. */
export async function dispatch(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const found = resolveCommand(argv, new Set(Object.keys(COMMANDS)));
    const load = found.name !== undefined && HOT.has(found.name) ? COMMANDS[found.name] : undefined;
    if (load) {
      const { command } = await load();
      const parsed = quickParse(command, found.argv);
      if (parsed) return await execute(command, parsed, { env, commands: COMMANDS });
    }
    const { runWithOclif } = await import('./run.ts');
    return await runWithOclif(argv);
  } catch (error) {
    return fail(error, argv, env);
  }
}
