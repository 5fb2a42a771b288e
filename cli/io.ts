import { resolve } from 'node:path';
import { CwfError } from '../src/base/errors.ts';
import { jsonText } from '../src/base/json-out.ts';
import type { Context, ContextOptions } from '../src/porcelain/context.ts';
import type { AnyCommand, CommandTable } from './command.ts';
import { type Color, palette, wantsColor } from './output/color.ts';
import { safeOutput } from './output/safe.ts';
import { fdSink, isTerminal, type Sink } from './output/sink.ts';
import type { Parsed } from './parse.ts';

/** How a command prints: `text` for people, `porcelain` for scripts, or JSON as one document or one per line. */
export type Mode = 'text' | 'porcelain' | 'json' | 'jsonl';

/** What a command may do to the outside world of the terminal; given to `run`. */
export interface Io {
  readonly mode: Mode;
  /** All commands, for completion. */
  readonly commands: CommandTable;
  /** Folder the command works in: the current one, or `-C <dir>`. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  readonly color: Color;
  /** Whether a person sits at both ends, so that asking makes sense. */
  readonly interactive: boolean;
  readonly dryRun: boolean;
  /** Whether nothing but data is to be said. */
  readonly quiet: boolean;
  readonly reason: string | undefined;
  /** Opens the repository of `cwd` as the actor of --actor; its log is `note`. @throws CwfError REPO_NOT_FOUND ... */
  open(options?: Pick<ContextOptions, 'lazyCatalog'>): Promise<Context>;
  /** Prints one line of data on stdout. Nothing with --json, --jsonl or --quiet. */
  print(line?: string): void;
  /** Prints one JSON document on stdout, in every mode. */
  json(value: unknown): void;
  /** Prints one line for the person on stderr: progress, advice. Nothing with --quiet. */
  note(line: string): void;
  /** Prints the result of a verb: as JSON with its schema name (`cwf.log/1`), or through `text`. */
  result(schema: string, value: object, text: () => void): void;
  /** Asks before something dangerous; true with --yes. @throws CwfError CONFIRM_NEEDED where nobody can answer */
  confirm(question: string): Promise<boolean>;
  /** Writes out everything, and waits for the pager. Called by the runner. */
  end(): Promise<void>;
}

/** What the process gives to a command. */
export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly commands: CommandTable;
}

/** Builds the io of one command from its parsed command line. */
export async function makeIo(command: AnyCommand, { flags }: Parsed, { env, commands }: World): Promise<Io> {
  const mode: Mode = flags.jsonl ? 'jsonl' : flags.json ? 'json' : flags.porcelain ? 'porcelain' : 'text';
  const terminal = await isTerminal(1);
  // Git's pager shows colours, too: git says so to the drivers that write into it.
  const colored = mode === 'text' && wantsColor(env, terminal || env.GIT_PAGER_IN_USE === 'true');
  const quiet = flags.quiet === true;
  const paged = command.paged && terminal && mode === 'text' && !flags['no-pager'] && !quiet;
  const out = await makeOut(paged === true, env);
  const err = fdSink(2);
  const interactive = terminal && (await isTerminal(0));
  const io: Io = {
    mode,
    commands,
    cwd: resolve(String(flags.directory ?? '.')),
    env,
    columns: columnsOf(env, terminal),
    color: palette(colored),
    interactive,
    dryRun: flags['dry-run'] === true,
    quiet,
    reason: flags.reason as string | undefined,
    async open(options) {
      const { openContext } = await import('../src/porcelain/context.ts');
      // Commands that only read may have an --actor of their own, to look for.
      const actor = command.mutates ? (flags.actor as string | undefined) : undefined;
      return openContext({ ...options, cwd: io.cwd, env, actor, log: io.note });
    },
    print(line = '') {
      if (!quiet && (mode === 'text' || mode === 'porcelain')) out.write(`${safeOutput(line, colored)}\n`);
    },
    json(value) {
      out.write(`${jsonText(value, mode === 'jsonl' ? 0 : 2)}\n`);
    },
    note(line) {
      if (quiet) return;
      err.write(`${safeOutput(line, false)}\n`);
      void err.close();
    },
    result(schema, value, text) {
      if (mode === 'json' || mode === 'jsonl') io.json({ schema, ...value });
      else text();
    },
    async confirm(question) {
      if (flags.yes) return true;
      if (!interactive) throw new CwfError('CONFIRM_NEEDED', { question });
      return (await import('./output/ask.ts')).ask(question);
    },
    async end() {
      await out.close();
      await err.close();
    },
  };
  return io;
}

async function makeOut(paged: boolean, env: NodeJS.ProcessEnv): Promise<Sink> {
  const out = fdSink(1);
  if (!paged) return out;
  const { pagerCommand, pagerSink } = await import('./output/pager.ts');
  const command = pagerCommand(env);
  return command ? pagerSink(command, env, out) : out;
}

function columnsOf(env: NodeJS.ProcessEnv, terminal: boolean): number {
  const told = Number.parseInt(env.COLUMNS ?? '', 10);
  const real = told > 0 ? told : terminal ? process.stdout.columns : 0;
  return real > 0 ? Math.max(20, Math.min(real, 1000)) : 80;
}
