import { parseArgs } from 'node:util';
import { CwfError } from '../src/base/errors.ts';
import type { AnyCommand, ArgSpec, FlagSpec } from './command.ts';
import { allFlags } from './flags.ts';

/** A parsed command line whose types are those of the declaration. */
export interface Parsed {
  readonly args: Record<string, string | string[] | undefined>;
  readonly flags: Record<string, boolean | string | number | string[] | undefined>;
  readonly rest: readonly string[];
}

/**
 * Parses a command line by its declaration without oclif. Returns undefined when it is not plainly right (unknown
 * flag, missing value, `--help`): then oclif takes over, whose answer is made for people.
 */
export function quickParse(command: AnyCommand, argv: readonly string[]): Parsed | undefined {
  const [before, rest] = splitRest(command, argv);
  const flags = allFlags(command);
  const options: Record<string, { type: 'boolean' | 'string'; short?: string; multiple?: boolean }> = {};
  for (const [name, flag] of Object.entries(flags)) {
    options[name] = { type: flag.type === 'boolean' ? 'boolean' : 'string' };
    if (flag.char) options[name].short = flag.char;
    if (flag.type === 'string' && flag.multiple) options[name].multiple = true;
  }
  try {
    const { values, positionals } = parseArgs({ args: [...before], options, allowPositionals: true, strict: true });
    return finish(command, values as Record<string, boolean | string | string[]>, positionals, rest);
  } catch {
    return undefined;
  }
}

/** Divides the words at `--` when the command takes a rest, else leaves `--` to the parser. */
export function splitRest(command: AnyCommand, argv: readonly string[]): [readonly string[], readonly string[]] {
  const at = command.rest ? argv.indexOf('--') : -1;
  return at < 0 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)];
}

/** Checks raw values against the declaration and fills defaults; both parsers end here. @throws CwfError USAGE */
export function finish(
  command: AnyCommand,
  values: Record<string, unknown>,
  words: readonly string[],
  rest: readonly string[],
): Parsed {
  const flags: Parsed['flags'] = {};
  for (const [name, flag] of Object.entries(allFlags(command))) {
    flags[name] = flagValue(command, name, flag, values[name]);
  }
  return { args: argValues(command, words), flags, rest };
}

function flagValue(command: AnyCommand, name: string, flag: FlagSpec, raw: unknown): Parsed['flags'][string] {
  if (flag.type === 'boolean') return raw === true;
  if (flag.type === 'integer') {
    if (raw === undefined) return flag.default;
    const text = String(raw);
    const value = Number(text);
    const fits = /^-?\d{1,15}$/.test(text) && value >= (flag.min ?? -Infinity) && value <= (flag.max ?? Infinity);
    if (!fits) throw usage(command, `--${name} takes a whole number${range(flag.min, flag.max)}, not ${text}`);
    return value;
  }
  const list = raw === undefined ? [] : Array.isArray(raw) ? raw.map(String) : [String(raw)];
  for (const text of list) checkOption(command, `--${name}`, flag.options, text);
  return flag.multiple ? list : (list.at(-1) ?? flag.default);
}

function argValues(command: AnyCommand, words: readonly string[]): Parsed['args'] {
  const args: Parsed['args'] = {};
  const left = [...words];
  for (const [name, arg] of Object.entries((command.args ?? {}) as Record<string, ArgSpec>)) {
    const taken = left.splice(0, arg.multiple ? left.length : 1);
    if (arg.required && taken.length === 0) throw usage(command, `<${name}> is missing (${arg.description})`);
    for (const text of taken) checkOption(command, name, arg.options, text);
    args[name] = arg.multiple ? taken : taken[0];
  }
  if (left.length > 0) throw usage(command, `unexpected argument ${left[0]}`);
  return args;
}

function checkOption(command: AnyCommand, name: string, options: readonly string[] | undefined, text: string): void {
  if (options && !options.includes(text)) throw usage(command, `${name} is one of ${options.join(', ')}, not ${text}`);
}

function range(min?: number, max?: number): string {
  if (min === undefined) return max === undefined ? '' : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

/** The error for a command line that does not fit the declaration. */
function usage(command: AnyCommand, reason: string): CwfError {
  return new CwfError('USAGE', { command: command.name, reason });
}
