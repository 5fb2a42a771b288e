import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError, isCwfError } from '../../base/errors.ts';
import { type Chunks, isMissing, moveIn, readParts, temporaryIn, tried, writeParts } from './disk.ts';
import { isOutputId, type OutputPlace, outputPath } from './place.ts';
import { TYPE_BYTES } from './type.ts';

/** One output in the store. */
export interface StoredOutput {
  /** SHA-256 of its bytes. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** When it was put there last; milliseconds since 1970. */
  readonly time: number;
}

/**
 * Puts bytes into the store and returns their SHA-256 and size. They are written to a temporary file and moved in as a
 * whole, over what is there already: so a damaged one is mended, one that is in use again is young, and of two writers
 * of one content either may come last. Throws STORAGE_FAILED, REPO_READ_ONLY; then nothing is left.
 */
export async function putOutput(place: OutputPlace, parts: Chunks): Promise<{ id: string; size: number }> {
  tried(place.tmp, () => mkdirSync(place.tmp, { recursive: true }));
  const temporary = temporaryIn(place.tmp);
  const hash = createHash('sha256');
  let size = 0;
  await writeParts(temporary, parts, {
    sync: place.durable,
    mode: 0o444,
    look: (part) => {
      hash.update(part);
      size += part.length;
    },
  });
  const id = hash.digest('hex');
  moveIn(place, temporary, outputPath(place, id));
  return { id, size };
}

/** The name and the first bytes that a file would have in the store; nothing is written. */
export async function weighParts(parts: Chunks): Promise<{ id: string; size: number; head: Buffer }> {
  const hash = createHash('sha256');
  let size = 0;
  let head = Buffer.alloc(0);
  for await (const part of parts) {
    hash.update(part);
    size += part.length;
    if (head.length < TYPE_BYTES) head = Buffer.concat([head, part]).subarray(0, TYPE_BYTES);
  }
  return { id: hash.digest('hex'), size, head };
}

/** Whether an output is in the store; that it is whole is not looked at. */
export function hasOutput(place: OutputPlace, id: string): boolean {
  return lstatSync(outputPath(place, id), { throwIfNoEntry: false })?.isFile() === true;
}

/** Size and time of an output. Throws OUTPUT_FILE_NOT_FOUND. */
export function findOutput(place: OutputPlace, id: string): StoredOutput {
  const stat = lstatSync(outputPath(place, id), { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new CwfError('OUTPUT_FILE_NOT_FOUND', { output: id });
  return { id, size: stat.size, time: stat.mtimeMs };
}

/**
 * The bytes of an output, part by part; checked against its name when all are read, so that whoever takes them must
 * keep nothing before the end. Throws OUTPUT_FILE_NOT_FOUND, OUTPUT_CORRUPT.
 */
export function* outputParts(place: OutputPlace, id: string): Generator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for (const part of readParts(outputPath(place, id))) {
      hash.update(part);
      size += part.length;
      yield part;
    }
  } catch (error) {
    if (isCwfError(error, 'FILE_NOT_FOUND'))
      throw new CwfError('OUTPUT_FILE_NOT_FOUND', { output: id }, { cause: error });
    if (!isCwfError(error, 'FILE_UNREADABLE')) throw error;
    throw new CwfError('OUTPUT_CORRUPT', { output: id, reason: String(error.data.reason) }, { cause: error });
  }
  if (hash.digest('hex') === id) return;
  throw new CwfError('OUTPUT_CORRUPT', { output: id, reason: `its ${size} bytes have another hash` });
}

/** All bytes of an output, whole and checked. Throws OUTPUT_FILE_NOT_FOUND, OUTPUT_CORRUPT. */
export function readOutput(place: OutputPlace, id: string): Buffer {
  return Buffer.concat([...outputParts(place, id)]);
}

/** The first bytes of an output, unchecked: for its type. Throws OUTPUT_FILE_NOT_FOUND. */
export function outputHead(place: OutputPlace, id: string, length: number): Buffer {
  findOutput(place, id);
  return Buffer.concat([...readParts(outputPath(place, id), { limit: length })]);
}

/** Every output in the store by its name, in order. Files of other names are none. */
export function* listOutputs(place: OutputPlace): Generator<StoredOutput> {
  for (const id of outputIds(place)) {
    const stat = lstatSync(outputPath(place, id), { throwIfNoEntry: false });
    if (stat?.isFile()) yield { id, size: stat.size, time: stat.mtimeMs };
  }
}

/** The outputs whose names begin with these hex digits. */
export function outputsWithPrefix(place: OutputPlace, prefix: string): string[] {
  return [...outputIds(place, prefix.slice(0, 2))].filter((id) => id.startsWith(prefix));
}

function* outputIds(place: OutputPlace, first = ''): Generator<string> {
  for (const folder of namesIn(place.folder)) {
    if (!/^[0-9a-f]{2}$/.test(folder) || !folder.startsWith(first)) continue;
    for (const name of namesIn(join(place.folder, folder))) {
      if (isOutputId(name) && name.startsWith(folder)) yield name;
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}
