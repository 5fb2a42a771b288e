/**
 * Unpacks single entries of a git pack file. An entry is a header (type, inflated size), for deltas the place of
 * their base, and a zlib stream; a delta is a list of "copy from base" and "insert" instructions.
 *
 *   entry:  1 ttt ssss [1 sssssss ...]   [ofs: distance back | ref: base oid]   zlib(...)
 *   delta:  base size, result size, then  1xxxxxxx offset/size bytes = copy  |  0nnnnnnn + n bytes = insert
 *
 * Only the bytes of the entry are read, never the whole pack; bases that were unpacked lately are kept, since
 * neighbours in history share them.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { GitObject, ObjectType } from './types.ts';

const TYPES: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const OFS_DELTA = 6;
const REF_DELTA = 7;
const HEADER_MAX = 48; // 10 bytes of size, 10 of distance or 20 of oid, and some of the stream
const KEPT_BYTES = 32 << 20;

interface Entry {
  readonly kind: number;
  readonly data: Buffer;
  readonly base: number | string | undefined;
}

/** An open pack file. Every failure to make sense of it is a plain Error: the caller knows which object it wanted. */
export class PackReader {
  private readonly fd: number;
  private readonly size: number;
  private readonly kept = new Map<number, GitObject>();
  private keptBytes = 0;

  /** Throws ENOENT when the pack is gone. */
  constructor(path: string) {
    this.fd = openSync(path, 'r');
    this.size = fstatSync(this.fd).size;
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Returns the object at an offset; `baseOf` gives the base of a delta that names it by oid. */
  read(offset: number, baseOf: (oid: string) => GitObject): GitObject {
    const deltas: { at: number; data: Buffer }[] = [];
    let at = offset;
    let object = this.kept.get(at);
    while (object === undefined) {
      const entry = this.entry(at);
      const type = TYPES[entry.kind];
      if (type !== undefined) {
        object = this.keep(at, { type, body: entry.data });
      } else {
        deltas.push({ at, data: entry.data });
        if (deltas.length > 10_000) throw new Error('its deltas never end');
        if (typeof entry.base === 'string') object = baseOf(entry.base);
        else at = entry.base!;
        object ??= this.kept.get(at);
      }
    }
    for (const delta of deltas.reverse()) {
      object = this.keep(delta.at, { type: object.type, body: applyDelta(object.body, delta.data) });
    }
    return object;
  }

  private keep(offset: number, object: GitObject): GitObject {
    this.kept.set(offset, object);
    this.keptBytes += object.body.length;
    for (const [oldest, { body }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES || oldest === offset) break;
      this.kept.delete(oldest);
      this.keptBytes -= body.length;
    }
    return object;
  }

  private entry(offset: number): Entry {
    const head = this.bytes(offset, HEADER_MAX);
    let at = 0;
    let byte = head[at++]!;
    const kind = (byte >> 4) & 7;
    let size = byte & 15;
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = head[at++]!;
      size += (byte & 0x7f) * scale;
    }
    let base: number | string | undefined;
    if (kind === OFS_DELTA) {
      byte = head[at++]!;
      let distance = byte & 0x7f;
      while (byte & 0x80) {
        byte = head[at++]!;
        distance = (distance + 1) * 128 + (byte & 0x7f);
      }
      base = offset - distance;
      if (!(base > 0 && base < offset)) throw new Error('its base is not in the pack');
    } else if (kind === REF_DELTA) {
      base = head.toString('hex', at, at + 20);
      at += 20;
    } else if (TYPES[kind] === undefined) {
      throw new Error(`an entry has the unknown type ${kind}`);
    }
    // zlib's bound for incompressible input; what follows the stream is ignored.
    const bound = size + (size >> 9) + 64;
    const stream = at + bound <= head.length ? head.subarray(at) : this.bytes(offset + at, bound);
    const data = inflateSync(stream, { maxOutputLength: Math.max(1, size) });
    if (data.length !== size) throw new Error(`an entry has ${data.length} bytes instead of ${size}`);
    return { kind, data, base };
  }

  private bytes(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)));
    const read = readSync(this.fd, buffer, 0, buffer.length, offset);
    if (read === 0) throw new Error('the pack is cut off');
    return buffer.subarray(0, read);
  }
}

function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++];
      if (byte === undefined) throw new Error('a delta is cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  if (varint() !== base.length) throw new Error('a delta was made for another base');
  const size = varint();
  const out = Buffer.allocUnsafe(size);
  let written = 0;
  while (at < delta.length) {
    const op = delta[at++]!;
    if (op & 0x80) {
      let [from, length] = [0, 0];
      for (let i = 0; i < 4; i++) if (op & (1 << i)) from += delta[at++]! * 2 ** (8 * i);
      for (let i = 0; i < 3; i++) if (op & (0x10 << i)) length += delta[at++]! * 2 ** (8 * i);
      if (length === 0) length = 0x10000;
      if (from + length > base.length || written + length > size) throw new Error('a delta copies what is not there');
      written += base.copy(out, written, from, from + length);
    } else {
      if (op === 0 || at + op > delta.length || written + op > size) throw new Error('a delta is damaged');
      written += delta.copy(out, written, at, at + op);
      at += op;
    }
  }
  if (written !== size) throw new Error('a delta gives too few bytes');
  return out;
}
