import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import { checkout } from './bisect.ts';
import type { Judge, Judgement } from './bisect-judge.ts';
import type { Context } from './context.ts';
import { runCommand } from './run-command.ts';

const SKIP = 125;
/** Codes of a shell for "cannot be run" and "not found": as likely a slip in the command as a bad commit. */
const DOUBTFUL = [126, 127];
const ABORT = 128;

/** What a command is told of the search. */
export interface CommandTerms {
  readonly command: readonly string[];
  /** The workflow it gets as CWF_FILE. */
  file(): Promise<string>;
  /** A commit that is known to be good. */
  readonly good: Oid;
}

/** Judges by the exit code of a command, as `git bisect run` does. Its methods throw BISECT_COMMAND. */
export function commandJudge(ctx: Context, terms: CommandTerms): Judge {
  return new CommandJudge(ctx, terms);
}

class CommandJudge implements Judge {
  private readonly ctx: Context;
  private readonly terms: CommandTerms;
  private isProven = false;
  private first: number | undefined;

  constructor(ctx: Context, terms: CommandTerms) {
    this.ctx = ctx;
    this.terms = terms;
  }

  async begin(): Promise<void> {}

  async commit(oid: Oid): Promise<Judgement> {
    const exit = await this.execute(oid);
    if (DOUBTFUL.includes(exit) && !this.isProven) {
      await this.proveOnGood(exit);
      await checkout(this.ctx, oid, undefined);
      this.isProven = true;
    }
    return judgementOf(exit);
  }

  async candidate(oid: Oid): Promise<Judgement> {
    const exit = await this.execute(oid);
    // All edits come first, then none: a command that cannot be run says the same of both.
    if (!this.isProven && DOUBTFUL.includes(exit) && this.first === exit) throw this.cannotRun(exit);
    this.isProven ||= this.first !== undefined;
    this.first = exit;
    return judgementOf(exit);
  }

  async close(): Promise<void> {}

  /** As newer git: a command that a known good commit answers with the same code is broken itself. */
  private async proveOnGood(exit: number): Promise<void> {
    const { good } = this.terms;
    await checkout(this.ctx, good, undefined);
    if ((await this.execute(good)) === exit) throw this.cannotRun(exit);
  }

  private cannotRun(exit: number): CwfError {
    return this.failed(exit === 127 ? 'no such program' : 'cannot be run', exit);
  }

  private async execute(oid: Oid): Promise<number> {
    const env = { ...this.ctx.env, CWF_COMMIT: oid, CWF_FILE: await this.terms.file() };
    const exit = await runCommand(this.terms.command, { cwd: this.ctx.repo.workDir, env });
    if (exit >= ABORT) throw this.failed(`ended with ${exit}: stopped`, exit);
    return exit;
  }

  private failed(reason: string, exit: number): CwfError {
    return new CwfError('BISECT_COMMAND', { command: this.terms.command.join(' '), reason, exit });
  }
}

function judgementOf(exit: number): Judgement {
  return { exit, verdict: exit === 0 ? 'good' : exit === SKIP ? 'unresolved' : 'bad' };
}
