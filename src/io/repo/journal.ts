/**
 * The journal (`.git/cwf/journal`): what is about to happen, written down before a ref moves. One line is a checksum
 * and a JSON text; only the holder of `transaction.lock` appends, so that at most one operation is ever unfinished.
 */
import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, fstatSync, openSync, readFileSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Faults } from './faults.ts';
import type { IndexChange } from './git-index.ts';
import { isMissing, syncFolder, writeAll } from './objects.ts';
import type { Durability, Operation } from './types.ts';

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
}

/** Where the journal lies, and how it is written. */
export interface JournalTarget {
  readonly cwfDir: string;
  readonly durability: Durability;
  readonly faults?: Faults;
}

type Line =
  | { readonly prepared: Operation; readonly index: readonly IndexChange[] }
  | { readonly settled: string; readonly ok: boolean }
  | { readonly folded: string };

const TAIL_BYTES = 512;

/** Reads the journal; a line torn by a crash says nothing, since what it announced has not begun. [OP-2] */
export function readJournal(cwfDir: string): Journal {
  const done: Operation[] = [];
  let pending: Prepared | undefined;
  let last: string | undefined;
  for (const text of textOf(cwfDir).split('\n')) {
    const line = decode(text);
    if (line === undefined) continue;
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
  return { done, pending, last };
}

/** Whether an operation may be unfinished: looks at the end of the journal only, for every open of a repository. */
export function mayBePending(cwfDir: string): boolean {
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
    return text !== '' && (line === undefined || 'prepared' in line);
  } finally {
    closeSync(fd);
  }
}

/** Says what is about to happen: the one write that must be on disk before the first ref moves. */
export function journalPrepared(target: JournalTarget, { operation, index }: Prepared): void {
  target.faults?.('journal:prepare');
  append(target.cwfDir, { prepared: operation, index }, target.durability === 'durable');
}

/** Says that the operation is complete (`ok`), or was dropped as if it never was. Recovery would find the same. */
export function journalSettled(target: JournalTarget, id: string, ok: boolean): void {
  target.faults?.('journal:settle');
  append(target.cwfDir, { settled: id, ok }, false);
}

/** Starts a new journal after its operations went into commits; `last` links the next operation to them. */
export function restartJournal(target: JournalTarget, last: string): void {
  target.faults?.('journal:restart');
  const temporary = join(target.cwfDir, 'tmp', `journal-${process.pid}`);
  const isDurable = target.durability === 'durable';
  writeAll(temporary, Buffer.from(encode({ folded: last })), isDurable);
  renameSync(temporary, join(target.cwfDir, 'journal'));
  if (isDurable) syncFolder(target.cwfDir);
}

function textOf(cwfDir: string): string {
  try {
    return readFileSync(join(cwfDir, 'journal'), 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return '';
    throw cause;
  }
}

function append(cwfDir: string, line: Line, sync: boolean): void {
  const fd = openSync(join(cwfDir, 'journal'), 'a');
  try {
    // The line feed before it keeps a torn line from swallowing this one.
    const isNew = sync && fstatSync(fd).size === 0;
    const bytes = Buffer.from(`\n${encode(line)}`);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (sync) fdatasyncSync(fd);
    if (isNew) syncFolder(cwfDir);
  } finally {
    closeSync(fd);
  }
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
