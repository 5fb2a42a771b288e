import { Config, settings } from '@oclif/core';
import { CwfError } from '../src/base/errors.ts';
import { VERSION } from '../src/base/version.ts';
import { oclifId } from './base-command.ts';
import { COMMAND_NAMES } from './command-names.ts';
import { fail } from './execute.ts';
import { CwfHelp } from './help.ts';
import { GIT_WORDS, TOPICS } from './topics.ts';
import { nearest, resolveCommand } from './words.ts';

/** Read by oclif: the target of its explicit command strategy. @public */
export { COMMAND_CLASSES } from './base-command.ts';

/** What the built file of this module exports. */
export interface Program {
  run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number>;
}

/** Runs a command line with oclif: help, parsing and its errors, and the command. Returns the exit code; never throws. @public */
export async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    return await runWithOclif(argv);
  } catch (error) {
    return fail(error, argv, env);
  }
}

async function runWithOclif(argv: readonly string[]): Promise<number> {
  const { name, argv: words } = resolveCommand(argv, new Set(COMMAND_NAMES));
  const config = await loadConfig();
  const help = new CwfHelp(config);
  if (name === undefined) {
    if (words.length === 0 || isHelpFlag(words[0])) return help.show([]);
    if (words[0] === 'help') return help.show(words.slice(1).filter((word) => !word.startsWith('-')));
    throw unknownCommand(words, COMMAND_NAMES);
  }
  if (wantsHelp(words)) return help.show(name.split(' '));
  try {
    await config.runCommand(oclifId(name), [...words]);
  } catch (error) {
    throw parseFailure(name, error) ?? error;
  }
  return Number(process.exitCode ?? 0);
}

/** The oclif configuration of the built program: explicit commands from this very file, manifest beside it. */
function loadConfig(): Promise<Config> {
  // The bundle is all there is: oclif need not look for TypeScript sources.
  settings.enableAutoTranspile = false;
  const oclif = {
    bin: 'cwf',
    dirname: 'cwf',
    topicSeparator: ' ' as const,
    topics: TOPICS,
    commands: { strategy: 'explicit' as const, target: './main.cjs', identifier: 'COMMAND_CLASSES' },
  };
  return Config.load({ root: __dirname, pjson: { name: 'cwf', version: VERSION, oclif } as never });
}

/** The error for words that name no command, with the nearest names. */
function unknownCommand(argv: readonly string[], names: readonly string[]): CwfError {
  // The folder after -C is no command.
  const words = argv.filter((_, at) => !/^(-C|--directory)$/.test(argv[at - 1] ?? ''));
  const visible = names.filter((each) => !each.startsWith('_'));
  const first = words.find((word) => !word.startsWith('-'));
  if (first === undefined) return new CwfError('UNKNOWN_COMMAND', { command: words.join(' ') });
  const inside = visible.filter((each) => each.startsWith(`${first} `));
  if (inside.length > 0) {
    const second = words.slice(words.indexOf(first) + 1).find((word) => !word.startsWith('-'));
    return second === undefined
      ? new CwfError('COMMAND_INCOMPLETE', { command: first, commands: inside })
      : new CwfError('UNKNOWN_COMMAND', { command: `${first} ${second}`, near: inside });
  }
  if (Object.hasOwn(GIT_WORDS, first))
    return new CwfError('UNKNOWN_COMMAND', { command: first }, { hint: GIT_WORDS[first]! });
  const heads = [...new Set(visible.map((each) => each.split(' ')[0] as string))];
  return new CwfError('UNKNOWN_COMMAND', { command: first, near: nearest(first, heads) });
}

function isHelpFlag(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some(isHelpFlag);
}

/** oclif's complaint about a command line as ours; undefined when the error is something else. */
function parseFailure(command: string, error: unknown): CwfError | undefined {
  if (error instanceof CwfError || !(error instanceof Error) || !('oclif' in error)) return undefined;
  const reason = error.message
    .replace(/\nSee more help with --help$/, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^Parsing (--\S+)\s+Expected/, '$1: expected')
    .replace(/^Nonexistent flags?: /, 'unknown option ');
  return new CwfError('USAGE', { command, reason }, { cause: error });
}
