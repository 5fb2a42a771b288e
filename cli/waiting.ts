import { CwfError } from '../src/base/errors.ts';
import type { MergeOp } from '../src/porcelain/merge-state.ts';
import type { FlagSpecs } from './command.ts';
import type { Io } from './io.ts';

/** Flags of the commands that may wait for decisions. */
export const WAITING_FLAGS = {
  continue: { type: 'boolean', description: 'finish what waited for decisions' },
  abort: { type: 'boolean', description: 'give up what waits for decisions' },
  strict: { type: 'boolean', description: 'any two changes of one node are a conflict' },
  values: { type: 'boolean', description: 'only two changes of one value are a conflict (the default)' },
} as const satisfies FlagSpecs;

/** What these flags hold. */
export interface WaitingFlags {
  readonly continue: boolean;
  readonly abort: boolean;
  readonly strict: boolean;
  readonly values: boolean;
}

/** Throws USAGE for flags that exclude each other, and when neither a name nor one of them says what to do. */
export function checkWaiting(op: MergeOp, flags: WaitingFlags, isNamed: boolean, what: string): void {
  const refuse = (reason: string): CwfError => new CwfError('USAGE', { command: op, reason });
  if (flags.strict && flags.values) throw refuse('--strict and --values exclude each other');
  if (flags.continue && flags.abort) throw refuse('--continue and --abort exclude each other');
  const ends = flags.continue || flags.abort;
  if (ends && isNamed) throw refuse(`${flags.continue ? '--continue' : '--abort'} takes no ${what}`);
  if (!ends && !isNamed) throw refuse(`missing argument <${what}>`);
}

/** Runs `--continue` or `--abort`; returns the exit code. */
export async function endWaiting(
  io: Io,
  op: MergeOp,
  flags: WaitingFlags,
  { message, check }: { readonly message?: string | undefined; readonly check?: boolean } = {},
): Promise<number | undefined> {
  const ctx = await io.open();
  const { mergeAbort, mergeContinue } = await import('../src/porcelain/conflicts.ts');
  if (flags.abort) {
    const out = await mergeAbort.run(ctx, { op });
    io.result(`cwf.${op}.abort/1`, out, () =>
      io.print(`Gave up the ${out.op} of ${out.rev}; no file had been changed`),
    );
    return undefined;
  }
  const { printContinued } = await import('./output/continued.ts');
  return printContinued(io, await mergeContinue.run(ctx, { op, message, check, dryRun: io.dryRun }));
}
