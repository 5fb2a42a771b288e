import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing, writeAll } from './objects.ts';
import type { Durability, Operation } from './types.ts';

/** What the journal says: operations that are complete and not folded yet, and one that may not be. */
export interface Journal {
  readonly done: readonly Operation[];
  readonly pending?: Operation;
  /** Id of the newest operation, folded or not. */
  readonly last: string | null;
}

type Line =
  | { readonly prepared: Operation }
  | { readonly settled: string; readonly ok: boolean }
  | { readonly folded: string };

/** Reads the journal; a line that was torn by a crash is the last one, and says nothing. [OP-2] */
export function readJournal(cwfDir: string): Journal {
  const done: Operation[] = [];
  let pending: Operation | undefined;
  let last: string | null = null;
  for (const line of readLines(cwfDir)) {
    if ('prepared' in line) pending = line.prepared;
    else if ('folded' in line) last = line.folded;
    else {
      if (pending && line.ok && line.settled === pending.id) {
        done.push(pending);
        last = pending.id;
      }
      pending = undefined;
    }
  }
  return { done, ...(pending ? { pending } : {}), last };
}

/** Whether the journal may hold an operation that was not finished: a cheap look for readers at open. */
export function mayBePending(cwfDir: string): boolean {
  try {
    return statSync(join(cwfDir, 'journal')).size > 0 && readJournal(cwfDir).pending !== undefined;
  } catch {
    return false;
  }
}

/** Says what is about to happen, before a ref moves: the one write that must be on disk first. */
export function journalPrepared(cwfDir: string, operation: Operation, durability: Durability): void {
  append(cwfDir, { prepared: operation }, durability === 'durable');
}

/** Says that the operation is complete (`ok`), or was dropped as if it never was. */
export function journalSettled(cwfDir: string, id: string, ok: boolean): void {
  append(cwfDir, { settled: id, ok }, false);
}

/** Starts a new journal after its operations went into commits; `last` links the next operation to them. */
export function restartJournal(cwfDir: string, last: string, durability: Durability): void {
  const temporary = join(cwfDir, 'tmp', `journal-${process.pid}`);
  writeAll(temporary, Buffer.from(encode({ folded: last })), durability === 'durable');
  renameSync(temporary, join(cwfDir, 'journal'));
}

function readLines(cwfDir: string): Line[] {
  let text: string;
  try {
    text = readFileSync(join(cwfDir, 'journal'), 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
  return text.split('\n').flatMap((line) => {
    const json = line.slice(9);
    return json !== '' && line.slice(0, 8) === sum(json) ? [JSON.parse(json) as Line] : [];
  });
}

function append(cwfDir: string, line: Line, sync: boolean): void {
  const fd = openSync(join(cwfDir, 'journal'), 'a');
  try {
    // A torn line before ours must not swallow it.
    writeSync(fd, `\n${encode(line)}`);
    if (sync) fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function encode(line: Line): string {
  const json = JSON.stringify(line);
  return `${sum(json)} ${json}\n`;
}

function sum(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, 8);
}
