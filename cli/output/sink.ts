import { fstatSync, writeSync } from 'node:fs';

/** Where text goes: a file descriptor, or the standard input of a pager. */
export interface Sink {
  write(text: string): void;
  /** Writes out what is buffered and, for a pager, waits until the person closes it. */
  close(): Promise<void>;
}

/** Exit code of a program whose reader went away, as the shell reports SIGPIPE. */
const SIGPIPE_EXIT = 141;
const BUFFER = 32 * 1024;

/**
 * A buffered writer on a file descriptor. Writes directly, because `process.stdout` costs 2 ms to set up. A reader that
 * went away (`cwf log | head -1`) ends the process without a word.
 */
export function fdSink(fd: number): Sink {
  let buffered = '';
  const flush = () => {
    const bytes = Buffer.from(buffered, 'utf8');
    buffered = '';
    writeAll(fd, bytes);
  };
  return {
    write(text) {
      buffered += text;
      if (buffered.length >= BUFFER) flush();
    },
    async close() {
      if (buffered) flush();
    },
  };
}

/** Writes bytes as they are; waits where a pipe is full, and ends the process where its reader went away. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') process.exit(SIGPIPE_EXIT);
      if (code !== 'EAGAIN') throw error;
      // A pipe shared with a non-blocking program is full: wait a little, then try again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Whether a file descriptor is a terminal. Loads node:tty (2 ms) only for character devices. */
export async function isTerminal(fd: number): Promise<boolean> {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return (await import('node:tty')).isatty(fd);
}
