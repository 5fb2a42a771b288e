/**
 * The journal (`.git/cwf/journal`): what is about to happen, written down before a ref moves. One line is a checksum
 * and a JSON text, or an object (journal-objects.ts); only the holder of `transaction.lock` appends, so that at most one operation is ever unfinished.
 */
import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Faults } from './faults.ts';
import type { IndexChange } from './git-index.ts';
import { objectLines } from './journal-objects.ts';
import { isMissing, syncFolder, writeAll } from './objects.ts';
import type { Durability, Oid, Operation } from './types.ts';

/** An operation together with what it does to git's index, which the operation log does not keep. */
export interface Prepared {
  readonly operation: Operation;
  readonly index: readonly IndexChange[];
}

/** What the journal says: operations that are complete and not folded yet, and one that may not be. */
export interface Journal {
  readonly done: readonly Operation[];
  readonly pending?: Prepared;
  /** Id of the newest operation, folded or not; undefined when the journal does not know. */
  readonly last?: string;
  /** Whether lines of it were written before the machine started last: what they announce may not be on the disk. */
  readonly isOlder: boolean;
}

/** Where the journal lies, and how it is written. */
export interface JournalTarget {
  readonly cwfDir: string;
  readonly durability: Durability;
  readonly faults?: Faults;
  readonly boot: string;
}

type Line = { readonly boot?: string } & (
  | { readonly prepared: Operation; readonly index: readonly IndexChange[] }
  | { readonly settled: string; readonly ok: boolean }
  | { readonly folded: string }
);

const TAIL_BYTES = 512;

/** What a reader of the journal found so far: it is asked several times in a transaction, and hardly grows. */
interface Reading {
  readonly head: string;
  readonly inode: number;
  /** Bytes up to here are whole lines that are in the state. */
  readonly offset: number;
  readonly state: Journal;
}

const HEAD_BYTES = 64;
const EMPTY: Journal = { done: [], isOlder: false };
const readings = new WeakMap<object, Reading>();

/**
 * Reads the journal, for the same reader only what was appended since; a line torn by a crash says nothing, since what
 * it announced has not begun. [OP-2]
 */
export function readJournal(reader: Pick<JournalTarget, 'cwfDir' | 'boot'>): Journal {
  let fd: number;
  try {
    fd = openSync(join(reader.cwfDir, 'journal'), 'r');
  } catch (cause) {
    if (isMissing(cause)) return EMPTY;
    throw cause;
  }
  try {
    const { ino: inode, size } = fstatSync(fd);
    const head = bytesOf(fd, 0, Math.min(size, HEAD_BYTES)).toString('latin1');
    const known = readings.get(reader);
    // A new journal starts with another operation, even where the file system gives it the old one's number.
    const isSame = known !== undefined && known.inode === inode && known.offset <= size && head.startsWith(known.head);
    const start = isSame ? known : { offset: 0, state: EMPTY };
    const tail = bytesOf(fd, start.offset, size - start.offset);
    const end = tail.lastIndexOf(0x0a) + 1;
    const state = withLines(start.state, tail.toString('utf8', 0, end), reader.boot);
    readings.set(reader, { head, inode, offset: start.offset + end, state });
    return withLines(state, tail.toString('utf8', end), reader.boot);
  } finally {
    closeSync(fd);
  }
}

function withLines(state: Journal, text: string, boot: string): Journal {
  const done = [...state.done];
  let { pending, last, isOlder } = state;
  for (const part of text.split('\n')) {
    // Objects of operations: only a power cut makes anybody look at them.
    const line = part.startsWith('#') ? undefined : decode(part);
    if (line === undefined) continue;
    isOlder ||= isOfAnotherBoot(line, boot);
    if ('prepared' in line) pending = { operation: line.prepared, index: line.index };
    else if ('folded' in line) last = line.folded;
    else {
      if (pending && line.ok && line.settled === pending.operation.id) {
        done.push(pending.operation);
        last = line.settled;
      }
      pending = undefined;
    }
  }
  return { done, pending, last, isOlder };
}

/** Whether an operation may be unfinished: looks at the end of the journal only, for every open of a repository. */
export function mayBePending({ cwfDir, boot }: Pick<JournalTarget, 'cwfDir' | 'boot'>): boolean {
  let fd: number;
  try {
    fd = openSync(join(cwfDir, 'journal'), 'r');
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const text = tail.toString('utf8').trimEnd();
    const line = decode(text.slice(text.lastIndexOf('\n') + 1));
    return text !== '' && (line === undefined || 'prepared' in line || isOfAnotherBoot(line, boot));
  } finally {
    closeSync(fd);
  }
}

/**
 * Says what is about to happen: the one write that must be on disk before the first ref moves. `objects`: loose objects
 * that are not synced yet, with the bytes of their files [OP-7].
 */
export function journalPrepared(
  target: JournalTarget,
  { operation, index }: Prepared,
  objects: ReadonlyMap<Oid, Uint8Array>,
): void {
  target.faults?.('journal:prepare');
  append(target, { prepared: operation, index }, target.durability === 'durable', objectLines(objects));
}

/** Says that the operation is complete (`ok`), or was dropped as if it never was. Recovery would find the same. */
export function journalSettled(target: JournalTarget, id: string, ok: boolean): void {
  target.faults?.('journal:settle');
  // An operation that was refused must not come true after a power cut.
  append(target, { settled: id, ok }, !ok && target.durability === 'durable');
}

/** Starts a new journal after its operations went into commits; `last` links the next operation to them. */
export function restartJournal(target: JournalTarget, last: string | undefined): void {
  target.faults?.('journal:restart');
  const temporary = join(target.cwfDir, 'tmp', `journal-${process.pid}`);
  const isDurable = target.durability === 'durable';
  const text = last === undefined ? '' : encode({ folded: last, boot: target.boot });
  writeAll(temporary, Buffer.from(text), isDurable);
  renameSync(temporary, join(target.cwfDir, 'journal'));
  if (isDurable) syncFolder(target.cwfDir);
}

function bytesOf(fd: number, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const got = readSync(fd, bytes, at, length - at, start + at);
    if (got === 0) break;
    at += got;
  }
  return bytes.subarray(0, at);
}

function append({ cwfDir, boot }: JournalTarget, line: Line, sync: boolean, before = ''): void {
  const fd = openSync(join(cwfDir, 'journal'), 'a');
  try {
    // The line feed before it keeps a torn line from swallowing this one.
    const isNew = sync && fstatSync(fd).size === 0;
    const bytes = Buffer.from(`\n${before}${encode({ ...line, boot })}`);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (sync) fdatasyncSync(fd);
    if (isNew) syncFolder(cwfDir);
  } finally {
    closeSync(fd);
  }
}

/** A restarted journal names nothing that could be missing. */
function isOfAnotherBoot(line: Line, boot: string): boolean {
  return !('folded' in line) && line.boot !== undefined && line.boot !== '' && line.boot !== boot;
}

function encode(line: Line): string {
  const json = JSON.stringify(line);
  return `${sum(json)} ${json}\n`;
}

function decode(text: string): Line | undefined {
  const json = text.slice(9);
  return json !== '' && text.slice(0, 8) === sum(json) ? (JSON.parse(json) as Line) : undefined;
}

function sum(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, 8);
}
