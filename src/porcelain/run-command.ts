import { spawn } from 'node:child_process';
import { CwfError } from '../base/errors.ts';

/** Where and with what a command of the user runs. */
export interface CommandPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A shell's exit codes for a program that cannot be run, and for one that is not there. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Runs a command of the user without a shell, its output on our standard error, and returns its exit code; 128 + n when
 * signal n ended it, as a shell reports it. Throws USAGE when there is no command.
 */
export async function runCommand(argv: readonly string[], place: CommandPlace): Promise<number> {
  const [program, ...args] = argv;
  if (program === undefined) {
    throw new CwfError('USAGE', { command: 'bisect run', reason: 'no command: write it after --' });
  }
  const { constants } = await import('node:os');
  return new Promise((resolve, reject) => {
    // Standard output belongs to the result of the verb.
    const child = spawn(program, args, { cwd: place.cwd, env: place.env, stdio: ['ignore', 2, 2], shell: false });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') resolve(NOT_FOUND);
      else if (cause.code === 'EACCES' || cause.code === 'ENOEXEC') resolve(NOT_EXECUTABLE);
      else reject(cause);
    });
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
