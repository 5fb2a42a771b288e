import { spawn } from 'node:child_process';
import type { Sink } from './sink.ts';

/** The pager command of this environment: CWF_PAGER, PAGER, else `less -FRX`; undefined when switched off. */
export function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const command = (env.CWF_PAGER ?? env.PAGER ?? 'less -FRX').trim();
  return command === '' || command === 'cat' ? undefined : command;
}

/** What a shell answers when it does not find a program. */
const NOT_FOUND = 127;

/**
 * Starts a pager that owns the terminal until it is closed. The command line comes from the person's own environment
 * and is run by the shell, as git does. Without that program the text goes to `fallback`. Closing the pager early ends
 * the process: nobody reads the rest, and only reading commands are paged.
 */
export function pagerSink(command: string, env: NodeJS.ProcessEnv, fallback: Sink): Sink {
  let text = '';
  let ended = false;
  const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', ...env } });
  const closed = new Promise<number>((resolve) => {
    child.on('error', () => resolve(NOT_FOUND));
    child.on('close', (code) => {
      if (!ended && code !== NOT_FOUND) process.exit(0);
      resolve(code ?? 0);
    });
  });
  // A pager that is closed early breaks the pipe: no error.
  child.stdin.on('error', () => undefined);
  return {
    write(part) {
      text += part;
      child.stdin.write(part);
    },
    async close() {
      ended = true;
      child.stdin.end();
      if ((await closed) !== NOT_FOUND) return;
      fallback.write(text);
      await fallback.close();
    },
  };
}
