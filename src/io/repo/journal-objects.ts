/**
 * Object lines of the journal, `#<oid> <base64>`: the bytes of objects that are to become loose files. One sync of the
 * journal then stands for two of each object, its bytes and its name.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { isMissing } from './objects.ts';
import type { Oid } from './types.ts';

const LINE = /^#([0-9a-f]{40}) ([A-Za-z0-9+/]+={0,2})$/;

/** A loose object as the journal keeps it: `bytes` are those of its file. */
export interface JournaledObject {
  readonly oid: Oid;
  readonly bytes: Buffer;
}

/** The lines of objects, to stand before the line of the operation that needs them. */
export function objectLines(objects: ReadonlyMap<Oid, Uint8Array>): string {
  let text = '';
  for (const [oid, bytes] of objects) {
    text += `#${oid} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}\n`;
  }
  return text;
}

/** The objects of the journal; a line that is torn is passed over, since its bytes do not have its id. */
export function* journaledObjects(cwfDir: string): Generator<JournaledObject> {
  for (const line of objectLinesOf(cwfDir)) {
    const object = readObjectLine(line);
    if (object) yield object;
  }
}

/** Ids of the objects of the journal, those of torn lines too: nothing is unpacked. */
export function journaledIds(cwfDir: string): Oid[] {
  return objectLinesOf(cwfDir)
    .map((line) => line.slice(1, 41))
    .filter((oid) => /^[0-9a-f]{40}$/.test(oid));
}

function objectLinesOf(cwfDir: string): string[] {
  try {
    const text = readFileSync(join(cwfDir, 'journal'), 'latin1');
    return text.split('\n').filter((line) => line.startsWith('#'));
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}

/** One object line; undefined when it is torn. */
export function readObjectLine(line: string): JournaledObject | undefined {
  const [, oid, base64] = LINE.exec(line) ?? [];
  if (oid === undefined) return undefined;
  const bytes = Buffer.from(base64!, 'base64');
  try {
    return createHash('sha1').update(inflateSync(bytes)).digest('hex') === oid ? { oid, bytes } : undefined;
  } catch {
    return undefined;
  }
}
