import { readSync } from 'node:fs';

/** One line of an input: its bytes without the end of the line, or undefined where it is over the limit. */
export interface InputLine {
  /** Number of the line, from 1. */
  readonly at: number;
  readonly bytes: Uint8Array | undefined;
}

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a file descriptor as they come, holding no more than one of them; what is over `maxBytes` is skipped, not
 * kept. `beforeRead` is called before it waits for more, so that what is answered so far can be sent.
 */
export function* readLines(fd: number, maxBytes: number, beforeRead: () => void): Generator<InputLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let at = 1;
  const line = (): InputLine => {
    const bytes = length > maxBytes ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return { at: at++, bytes };
  };
  const keep = (bytes: Uint8Array) => {
    length += bytes.length;
    if (length <= maxBytes) parts.push(bytes);
    else parts = [];
  };
  for (;;) {
    beforeRead();
    const chunk = readSome(fd);
    if (chunk.length === 0) break;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      yield line();
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield line();
}

/** What is there to be read, at least one byte; nothing at the end. */
function readSome(fd: number): Uint8Array {
  // A chunk of its own each time: lines keep parts of it.
  const chunk = Buffer.alloc(CHUNK);
  for (;;) {
    try {
      return chunk.subarray(0, readSync(fd, chunk, 0, CHUNK, null));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return chunk.subarray(0, 0);
      if (code !== 'EAGAIN') throw error;
      // A pipe that does not block is empty: wait a little, then try again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
