import { CwfError } from '../../base/errors.ts';

/** One entry of a git tree: octal mode as git writes it (`100644`, `40000`), name as Latin-1 bytes, object id. */
export interface RawTreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: string;
}

/**
 * Reads the body of a tree object. Names are Latin-1 (one character per byte), so that nothing is lost on the way
 * back; throws OBJECT_CORRUPT when the body is cut off.
 */
export function decodeTree(oid: string, body: Buffer): RawTreeEntry[] {
  const entries: RawTreeEntry[] = [];
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const nul = body.indexOf(0, space);
    if (space < 0 || nul < 0 || nul + 21 > body.length)
      throw new CwfError('OBJECT_CORRUPT', { oid, reason: 'cut off' });
    entries.push({
      mode: body.toString('latin1', at, space),
      name: body.toString('latin1', space + 1, nul),
      oid: body.toString('hex', nul + 1, nul + 21),
    });
    at = nul + 21;
  }
  return entries;
}

/** Writes the body of a tree object, entries in git's order: by bytes, a folder as if its name ended in `/`. */
export function encodeTree(entries: Iterable<RawTreeEntry>): Buffer {
  const key = (entry: RawTreeEntry): string => (entry.mode === '40000' ? `${entry.name}/` : entry.name);
  const sorted = [...entries].map((entry) => ({ entry, key: key(entry) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const body = Buffer.allocUnsafe(
    sorted.reduce((sum, { entry }) => sum + entry.mode.length + entry.name.length + 22, 0),
  );
  let at = 0;
  for (const { entry } of sorted) {
    at += body.write(`${entry.mode} ${entry.name}\0`, at, 'latin1');
    at += body.write(entry.oid, at, 'hex');
  }
  return body;
}
