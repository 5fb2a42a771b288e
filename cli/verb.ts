import type { AnyCommand, CommandTable } from './command.ts';
import { execute, fail } from './execute.ts';
import { finish, quickParse } from './parse.ts';

/** What the built file of one command exports. */
export interface Verb {
  readonly command: AnyCommand;
  /** Runs a command line; undefined when it is not plainly right, and oclif is to explain. Never throws. */
  quick(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined>;
  /** Runs what oclif parsed. Never throws. */
  parsed(input: OclifInput, env: NodeJS.ProcessEnv): Promise<number>;
}

/** A command line as oclif divided it. */
export interface OclifInput {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
  readonly rest: readonly string[];
  /** The words before they were divided. */
  readonly argv: readonly string[];
}

/** Makes those exports of a declaration. `commands` are those it may look at: only completion does. */
export function verb(command: AnyCommand, commands: CommandTable = {}): Verb {
  return {
    command,
    async quick(argv, env) {
      try {
        const parsed = quickParse(command, argv);
        return parsed && (await execute(command, parsed, { env, commands }));
      } catch (error) {
        return fail(error, argv, env);
      }
    },
    async parsed({ flags, words, rest, argv }, env) {
      try {
        return await execute(command, finish(command, flags, words, rest), { env, commands });
      } catch (error) {
        return fail(error, argv, env);
      }
    },
  };
}
