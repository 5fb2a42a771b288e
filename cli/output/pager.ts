import { spawn } from 'node:child_process';
import type { Sink } from './sink.ts';

/** The pager command of this environment: CWF_PAGER, PAGER, else `less -FRX`; undefined when switched off. */
export function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const command = (env.CWF_PAGER ?? env.PAGER ?? 'less -FRX').trim();
  return command === '' || command === 'cat' ? undefined : command;
}

/**
 * Starts a pager that owns the terminal until it is closed. The command line comes from the person's own environment
 * and is run by the shell, as git does. Falls back to `fallback` when the pager cannot start.
 */
export function pagerSink(command: string, env: NodeJS.ProcessEnv, fallback: Sink): Sink {
  let text = '';
  return {
    write(part) {
      text += part;
    },
    async close() {
      const child = spawn(command, {
        shell: true,
        stdio: ['pipe', 'inherit', 'inherit'],
        env: { LESS: 'FRX', ...env },
      });
      const ended = new Promise<number>((resolve) => {
        child.on('error', () => resolve(127));
        child.on('close', (code) => resolve(code ?? 0));
      });
      // The person may quit before the end: a closed pipe is no error.
      child.stdin.on('error', () => undefined);
      child.stdin.end(text);
      if ((await ended) !== 127) return;
      fallback.write(text);
      await fallback.close();
    },
  };
}
