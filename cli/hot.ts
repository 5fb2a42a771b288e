import { COMMANDS } from './commands/index.ts';
import { execute, fail } from './execute.ts';
import { quickParse } from './parse.ts';
import { resolveCommand } from './words.ts';

/**
 * The verbs people run all day, dispatched without oclif, whose loading costs more than all their work. Everything
 * else, and every command line that is not plainly right, goes to oclif with the same declarations.
 */
const HOT: ReadonlySet<string> = new Set(['version', 'status', 'log', 'commit', 'show', 'diff', '__complete']);

/** Entry of the executable: runs the command line and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const env = process.env;
  try {
    process.exitCode = await dispatch(argv[0] === '--version' || argv[0] === '-v' ? ['version'] : argv, env);
  } catch (error) {
    process.exitCode = await fail(error, argv, env);
  }
}

async function dispatch(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const found = resolveCommand(argv, new Set(Object.keys(COMMANDS)));
  const load = found.name !== undefined && HOT.has(found.name) ? COMMANDS[found.name] : undefined;
  if (load) {
    const { command } = await load();
    const parsed = quickParse(command, found.argv);
    if (parsed) return execute(command, parsed, { env, commands: COMMANDS });
  }
  const { runWithOclif } = await import('./run.ts');
  return runWithOclif(argv);
}
