import type { Fail } from './limits.ts';

/** A file of which only parts are read: `read` gives up to `length` bytes from `at`, fewer only where the file ends. */
export interface MediaFile {
  readonly size: number;
  read(at: number, length: number): Buffer;
}

/** Bytes in memory as a file. */
export function memoryFile(bytes: Uint8Array): MediaFile {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return { size: all.length, read: (at, length) => all.subarray(at, at + length) };
}

/** Exactly `length` bytes from `at`; where the file ends before, what `fail` makes is thrown. */
export function readExactly(file: MediaFile, at: number, length: number, fail: Fail): Buffer {
  const bytes = file.read(at, length);
  if (bytes.length < length) throw fail(`it is cut off at byte ${at + bytes.length}`);
  return bytes;
}
