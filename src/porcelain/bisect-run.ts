import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Verdict } from '../plan/bisect/minimize.ts';
import { type BisectOutput, checkout, type Named, named, settle } from './bisect.ts';
import {
  type BisectState,
  clearBisect,
  findBisect,
  type Mark,
  readBisect,
  verdicts,
  writeBisect,
} from './bisect-state.ts';
import { minimizeCommit, type WithinOutput } from './bisect-within.ts';
import { requireClean } from './clean-tree.ts';
import type { Context } from './context.ts';
import { repoPath } from './paths.ts';
import { runCommand } from './run-command.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';

/** What to run on each commit. */
export interface BisectRunInput {
  /** Program and arguments; runs without a shell at the top of the working tree, with CWF_COMMIT and CWF_FILE. */
  readonly command: readonly string[];
  /** Also which edits of the first bad commit it takes. */
  readonly within?: boolean;
  /** With `within`: look into this commit, without a search before. */
  readonly rev?: string;
  /** CWF_FILE; else the workflow that differs between bad and good (the first by name of several). */
  readonly file?: string;
}

/** One run of the command. */
export interface BisectTest extends Named {
  readonly exit: number;
  readonly mark: Mark;
}

/** How the search ended, and every run on the way. */
export interface BisectRunOutput {
  readonly result: BisectOutput;
  readonly tests: readonly BisectTest[];
  readonly within?: WithinOutput;
}

const SKIP = 125;
/** Codes of a shell for "cannot be run" and "not found": as likely a slip in the command as a bad commit. */
const DOUBTFUL = [126, 127];
const ABORT = 128;

/**
 * `cwf bisect run`: tests commits with a command until the first bad one is known. Exit code 0 is good, 125 skips, 1 to
 * 127 is bad, more aborts. Throws BISECT_NONE, BISECT_WAITING, BISECT_COMMAND, BISECT_ROOT, UNCOMMITTED_CHANGES.
 */
export const bisectRun = defineVerb<BisectRunInput, BisectRunOutput>({
  name: 'bisect run',
  summary: 'Let a command find the commit that made it bad',
  mutates: true,
  local: true,
  async run(ctx, input) {
    if (ctx.dryRun)
      throw new CwfError('USAGE', { command: 'bisect run', reason: 'it has no dry run: it runs your command' });
    if (input.rev !== undefined && !input.within)
      throw new CwfError('USAGE', {
        command: 'bisect run',
        reason: `the command stands after --: \`cwf bisect run -- ${input.rev} ...\`; a commit is only named with --within`,
      });
    if (input.rev !== undefined) return inOneCommit(ctx, input, await ctx.repo.resolve(input.rev));
    const runner = new Runner(ctx, input, readBisect(ctx));
    const result = await search(ctx, runner);
    const commit = result.kind === 'found' && input.within ? result.commit : undefined;
    const within = commit && (await runner.within(commit.oid));
    return { result, tests: runner.tests, ...(within === undefined ? {} : { within }) };
  },
});

async function search(ctx: Context, runner: Runner): Promise<BisectOutput> {
  let result = await settle(ctx, readBisect(ctx));
  if (result.kind === 'waiting') {
    const missing = result.missing === undefined ? 'a bad and a good commit' : `a ${result.missing} commit`;
    throw new CwfError('BISECT_WAITING', { missing });
  }
  while (result.kind === 'test') {
    const mark = await runner.test(result.commit!);
    const state = readBisect(ctx);
    result = await settle(ctx, { ...state, marks: [...state.marks, { mark, ...result.commit! }] });
  }
  return result;
}

/** A bisection of its own for one commit: HEAD and the working tree come back whatever happens. */
async function inOneCommit(ctx: Context, input: BisectRunInput, oid: Oid): Promise<BisectRunOutput> {
  if (findBisect(ctx) !== undefined)
    throw new CwfError('USAGE', {
      command: 'bisect run',
      reason: 'a bisection is under way: end it with `cwf bisect reset`',
    });
  const commit = await named(ctx, oid);
  const { branch, oid: head } = await ctx.repo.head();
  await requireClean(ctx);
  const origin = { ...(branch === undefined ? {} : { branch }), oid: head! };
  const [parent] = (await ctx.repo.readCommit(oid)).parents;
  if (parent === undefined) throw new CwfError('BISECT_ROOT', { rev: oid.slice(0, 8) });
  const state: BisectState = {
    version: 1,
    origin,
    marks: [
      { mark: 'bad', ...commit },
      { mark: 'good', ...(await named(ctx, parent)) },
    ],
  };
  const runner = new Runner(ctx, input, state);
  writeBisect(ctx, state);
  try {
    const within = await runner.within(oid);
    return { result: { kind: 'found', commit }, tests: [], within };
  } finally {
    await checkout(ctx, head!, branch);
    clearBisect(ctx);
  }
}

/** Runs the command on commits and candidates, and reads its exit codes. */
class Runner {
  readonly tests: BisectTest[] = [];
  private readonly ctx: Context;
  private readonly input: BisectRunInput;
  private readonly state: BisectState;
  private file: string | undefined;
  private isProven = false;

  constructor(ctx: Context, input: BisectRunInput, state: BisectState) {
    this.ctx = ctx;
    this.input = input;
    this.state = state;
    this.file = input.file === undefined ? undefined : repoPath(ctx, input.file);
  }

  /** Tests the commit that is checked out. */
  async test(commit: Named): Promise<Mark> {
    const exit = await this.execute(commit.oid);
    if (DOUBTFUL.includes(exit) && !this.isProven) {
      await this.proveOnGood(exit);
      await checkout(this.ctx, commit.oid, undefined);
      this.isProven = true;
    }
    const mark = exit === 0 ? 'good' : exit === SKIP ? 'skip' : 'bad';
    this.ctx.log(`${mark.padEnd(4)}  ${commit.oid.slice(0, 8)}  ${commit.subject}`);
    this.tests.push({ ...commit, exit, mark });
    return mark;
  }

  /** Minimises the edits of a commit. */
  async within(oid: Oid): Promise<WithinOutput> {
    await checkout(this.ctx, oid, undefined);
    let first: number | undefined;
    return minimizeCommit(this.ctx, oid, async (): Promise<Verdict> => {
      const exit = await this.execute(oid);
      // All edits come first, then none: a command that cannot be run says the same of both.
      if (!this.isProven && DOUBTFUL.includes(exit) && first === exit) throw this.cannotRun(exit);
      this.isProven ||= first !== undefined;
      first = exit;
      return exit === 0 ? 'good' : exit === SKIP ? 'unresolved' : 'bad';
    });
  }

  /** As newer git: a command that a known good commit answers with the same code is broken itself. */
  private async proveOnGood(exit: number): Promise<void> {
    const good = verdicts(this.state).good[0]!;
    await checkout(this.ctx, good, undefined);
    if ((await this.execute(good)) === exit) throw this.cannotRun(exit);
  }

  private cannotRun(exit: number): CwfError {
    return this.failed(exit === 127 ? 'no such program' : 'cannot be run', exit);
  }

  private async execute(oid: Oid): Promise<number> {
    this.file ??= await this.guessFile();
    const env = { ...this.ctx.env, CWF_COMMIT: oid, CWF_FILE: this.file };
    const exit = await runCommand(this.input.command, { cwd: this.ctx.repo.workDir, env });
    if (exit >= ABORT) throw this.failed(`ended with ${exit}: stopped`, exit);
    return exit;
  }

  private failed(reason: string, exit: number): CwfError {
    return new CwfError('BISECT_COMMAND', { command: this.input.command.join(' '), reason, exit });
  }

  private async guessFile(): Promise<string> {
    const { bad, good } = verdicts(this.state);
    const after = await loadWorkflows(this.ctx, bad);
    const before = await loadWorkflows(this.ctx, good[0]);
    const differs = [...after].filter(([file, { oid }]) => before.get(file)?.oid !== oid).map(([file]) => file);
    for (const file of [...differs, ...after.keys()].sort()) {
      if (differs.includes(file) && (await after.get(file)!.workflow()) !== undefined) return file;
    }
    return [...after.keys()].sort()[0] ?? '';
  }
}
