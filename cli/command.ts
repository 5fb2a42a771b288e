import type { Io } from './io.ts';

/**
 * How to add a command
 *
 * 1. Write `cli/commands/<verb>.ts` (for `cwf op log`: `op-log.ts`) that exports `command`:
 *
 *        export const command = defineCommand({
 *          name: 'tag',
 *          summary: 'Name a commit',
 *          examples: [['Tag the last commit', 'cwf tag portrait-final']],
 *          mutates: true,                          // adds --actor --reason --dry-run --yes
 *          args: { name: { description: 'name of the tag', complete: 'tag' } },
 *          flags: { delete: { type: 'boolean', char: 'd', description: 'remove the tag' } },
 *          async run({ args, flags }, io) {
 *            const ctx = await io.open();          // REPO_NOT_FOUND when there is none; --actor, -C are applied
 *            const { tag } = await import('../../src/porcelain/tag.ts');
 *            const out = await tag.run(ctx, { name: args.name, remove: flags.delete });
 *            io.result('cwf.tag/1', out, () => io.print(`${io.color.bold(safe(out.name))} ${out.oid}`));
 *          },
 *        });
 *
 * 2. Add one line to `cli/commands/index.ts`: `tag: () => import('./tag.ts')`.
 * 3. `npm run docs` writes docs/cli.md again; `npm run build` the oclif manifest.
 *
 * Rules: flags -> one porcelain call -> print. `run` returns an exit code, or nothing for 0; findings (conflicts,
 * differences) are return codes 1, 3, 4; errors are thrown CwfErrors. Everything a person or a file wrote goes through
 * `safe` (output/safe.ts) before it is printed. No top-level import of a heavy package: `await import` inside `run`.
 * The same declaration is run by oclif (cli/main.ts) and, for the hot verbs, without it (cli/hot.ts).
 */

/** What shell completion offers for a value. */
export type Completion = 'branch' | 'tag' | 'revision' | 'file' | 'command' | 'proposal';

/** One positional argument. Optional unless `required`; only the last one may be `multiple`. */
export interface ArgSpec {
  readonly description: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly options?: readonly string[];
  readonly complete?: Completion;
  /** What completion offers where other words are taken, too. */
  readonly suggest?: readonly string[];
}

interface FlagBase {
  readonly description: string;
  /** One letter: `-m`. Taken by every command: C, h, q, y. */
  readonly char?: string;
  readonly hidden?: boolean;
  /** Name of the value in help: `--actor <who>`. */
  readonly value?: string;
  readonly complete?: Completion;
}

export interface BooleanFlag extends FlagBase {
  readonly type: 'boolean';
}

export interface StringFlag extends FlagBase {
  readonly type: 'string';
  readonly multiple?: boolean;
  readonly options?: readonly string[];
  readonly default?: string;
}

export interface IntegerFlag extends FlagBase {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
}

export type FlagSpec = BooleanFlag | StringFlag | IntegerFlag;
export type FlagSpecs = Readonly<Record<string, FlagSpec>>;
export type ArgSpecs = Readonly<Record<string, ArgSpec>>;

type Text<O> = O extends { options: readonly (infer T)[] } ? T : string;

/** Type of the parsed value of one flag. */
export type FlagValue<F extends FlagSpec> = F extends { type: 'boolean' }
  ? boolean
  : F extends { type: 'integer' }
    ? F extends { default: number }
      ? number
      : number | undefined
    : F extends { multiple: true }
      ? Text<F>[]
      : F extends { default: string }
        ? Text<F>
        : Text<F> | undefined;

/** Type of the parsed value of one argument. */
export type ArgValue<A extends ArgSpec> = A extends { multiple: true }
  ? Text<A>[]
  : A extends { required: true }
    ? Text<A>
    : Text<A> | undefined;

/** The parsed command line of one command; `rest` is what stood after `--` (only with `rest` in the declaration). */
export interface Input<A extends ArgSpecs, F extends FlagSpecs> {
  readonly args: { readonly [K in keyof A]: ArgValue<A[K]> };
  readonly flags: { readonly [K in keyof F]: FlagValue<F[K]> };
  readonly rest: readonly string[];
}

/** One command as data; see the top of this file. */
export interface CommandSpec<A extends ArgSpecs = ArgSpecs, F extends FlagSpecs = FlagSpecs> {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  /** Pairs of [what it shows, command line]; at least one. */
  readonly examples: readonly (readonly [string, string])[];
  readonly args?: A;
  readonly flags?: F;
  /** What help lists below all else, by a title: a term and what it is about. */
  readonly list?: { readonly title: string; readonly rows: readonly (readonly [term: string, text: string])[] };
  /** Meaning of what stands after `--`, as in `cwf bisect run -- <command>`; without it those words are arguments. */
  readonly rest?: string;
  /** Changes the repository: takes --actor, --reason, --dry-run and --yes. */
  readonly mutates?: boolean;
  /** Prints records one by one: takes --jsonl. */
  readonly streams?: boolean;
  /** Sends its text through the pager on a terminal. */
  readonly paged?: boolean;
  readonly hidden?: boolean;
  run(input: Input<A, F>, io: Io): Promise<number | undefined> | Promise<void>;
}

/** A command whose argument and flag types are no longer known. */
// biome-ignore lint/suspicious/noExplicitAny: the table of commands holds many different declarations
export type AnyCommand = CommandSpec<any, any>;

/** Commands by name, each loaded when it is asked for. */
export type CommandTable = Readonly<Record<string, () => Promise<{ readonly command: AnyCommand }>>>;

/** Returns the declaration as it is; gives `run` the types of its arguments and flags. */
export function defineCommand<
  const A extends ArgSpecs = Record<never, never>,
  const F extends FlagSpecs = Record<never, never>,
>(spec: CommandSpec<A, F>): CommandSpec<A, F> {
  return spec;
}
