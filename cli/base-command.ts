import { Args, Command, Flags } from '@oclif/core';
import type { AnyCommand, ArgSpec, FlagSpec } from './command.ts';
import { COMMAND_NAMES } from './command-names.ts';
import { allFlags, sharedFlags } from './flags.ts';
import { splitRest } from './parse.ts';
import { loadVerb } from './verb-files.ts';

/** What a command class of ours looks like to oclif. */
export type CommandClass = typeof Command & { new (argv: string[], config: never): Command };

/**
 * The oclif command classes by oclif id (`op:log`), the target of its explicit strategy. A class loads its declaration
 * only when it runs; help and listings come from the generated manifest.
 */
export const COMMAND_CLASSES: Readonly<Record<string, CommandClass>> = Object.fromEntries(
  COMMAND_NAMES.map((name) => [oclifId(name), commandClass(name)]),
);

/** The oclif id of a command's name: `op log` is `op:log`. */
export function oclifId(name: string): string {
  return name.replaceAll(' ', ':');
}

/** The oclif view of a declaration: arguments and flags as oclif parses and documents them. */
export function oclifShape(command: AnyCommand) {
  const shared = sharedFlags(command);
  const flags = Object.entries(allFlags(command)).map(([name, flag]) => [
    name,
    oclifFlag(flag, name in shared ? 'GLOBAL' : undefined),
  ]);
  const args = Object.entries((command.args ?? {}) as Record<string, ArgSpec>).map(([name, arg]) => [
    name,
    // oclif would read a missing argument from standard input.
    Args.string({ description: arg.description, required: false, ignoreStdin: true, options: arg.options as string[] }),
  ]);
  return { flags: Object.fromEntries(flags), args: Object.fromEntries(args), strict: false as const };
}

function oclifFlag(flag: FlagSpec, helpGroup: string | undefined) {
  const common = { description: flag.description, char: flag.char as 'x', hidden: flag.hidden, helpGroup };
  if (flag.type === 'boolean') return Flags.boolean(common);
  const shown = { ...common, helpValue: flag.value && `<${flag.value}>` };
  if (flag.type === 'integer') {
    return Flags.integer({ ...shown, min: flag.min, max: flag.max, default: flag.default });
  }
  const text = { ...shown, options: flag.options as string[] | undefined };
  return flag.multiple
    ? Flags.string({ ...text, multiple: true, multipleNonGreedy: true })
    : Flags.string({ ...text, default: flag.default });
}

function commandClass(name: string): CommandClass {
  return class extends Command {
    async run(): Promise<void> {
      const { command, parsed } = await loadVerb(name);
      const words = this.argv;
      const [before, rest] = splitRest(command, words);
      const { argv, flags } = await this.parse(oclifShape(command), [...before]);
      process.exitCode = await parsed({ flags, words: argv as string[], rest, argv: words }, process.env);
    }

    /** Errors are rendered in one place for both paths: cli/execute.ts. */
    override async catch(error: Error): Promise<never> {
      throw error;
    }
  };
}
