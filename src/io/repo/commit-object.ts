import { CwfError } from '../../base/errors.ts';
import type { Commit, Identity, Oid } from './types.ts';

/** What a commit object is made of. */
export type CommitParts = Omit<Commit, 'oid'>;

const LONGEST_MESSAGE = 1 << 20;
const OID = /^[0-9a-f]{40}$/;

/** Body of a commit object; throws MESSAGE_INVALID for a message that git could not store. Identities are cleaned. */
export function encodeCommit({ tree, parents, author, committer, message }: CommitParts): Buffer {
  if (message.includes('\0')) throw new CwfError('MESSAGE_INVALID', { reason: 'it holds a NUL character' });
  if (Buffer.byteLength(message) > LONGEST_MESSAGE)
    throw new CwfError('MESSAGE_INVALID', { reason: 'it is over 1 MB' });
  for (const oid of [tree, ...parents])
    if (!OID.test(oid)) throw new CwfError('BUG', { what: `${oid} is no object id` });
  const lines = [`tree ${tree}`, ...parents.map((oid) => `parent ${oid}`)];
  lines.push(`author ${encodeIdentity(author)}`, `committer ${encodeIdentity(committer)}`);
  return Buffer.from(`${lines.join('\n')}\n\n${message}${message.endsWith('\n') ? '' : '\n'}`);
}

/** Reads the body of a commit object; headers cwf does not use (a signature) are passed over. */
export function decodeCommit(oid: Oid, body: Buffer): Commit {
  const text = decodeText(body);
  const end = text.indexOf('\n\n');
  const header = end < 0 ? text : text.slice(0, end);
  const parents: Oid[] = [];
  let tree = '';
  let author: Identity | undefined;
  let committer: Identity | undefined;
  for (const line of header.split('\n')) {
    if (line.startsWith('tree ')) tree = line.slice(5);
    else if (line.startsWith('parent ')) parents.push(line.slice(7));
    else if (line.startsWith('author ')) author = decodeIdentity(line.slice(7));
    else if (line.startsWith('committer ')) committer = decodeIdentity(line.slice(10));
  }
  if (!OID.test(tree) || !author || !committer) {
    throw new CwfError('OBJECT_CORRUPT', { oid, reason: 'it is no commit' });
  }
  return { oid, tree, parents, author, committer, message: end < 0 ? '' : text.slice(end + 2) };
}

/**
 * Git's identity line. A name or address with a line feed would add header lines, `<` and `>` would end the address:
 * such characters go, as git itself does it (ident.c, `strbuf_addstr_without_crud`). [RP-8]
 */
export function encodeIdentity({ name, email, timestamp, offset }: Identity): string {
  const isTime = Number.isInteger(timestamp) && timestamp >= 0 && timestamp < 2 ** 40;
  if (!isTime) throw new CwfError('MESSAGE_INVALID', { reason: `its date ${timestamp} is none` });
  if (!(Math.abs(offset) < 24 * 60))
    throw new CwfError('MESSAGE_INVALID', { reason: `its time zone ${offset} is none` });
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(Math.trunc(offset));
  const zone = `${sign}${String(Math.trunc(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
  return `${clean(name) || 'unknown'} <${clean(email).replaceAll(' ', '')}> ${timestamp} ${zone}`;
}

/** UTF-8, unless git's `encoding` header names another one that this machine knows. */
function decodeText(body: Buffer): string {
  const end = body.indexOf('\n\n');
  const label = /^encoding (\S+)$/m.exec(body.toString('latin1', 0, end < 0 ? undefined : end))?.[1];
  if (label !== undefined && !/^utf-?8$/i.test(label)) {
    try {
      return new TextDecoder(label).decode(body);
    } catch {
      // An encoding nobody knows: its ASCII characters are readable all the same.
    }
  }
  return body.toString('utf8');
}

function decodeIdentity(line: string): Identity {
  const match = /^(.*?) ?<(.*?)> (-?\d+) ([+-])(\d\d)(\d\d)$/.exec(line);
  if (!match) return { name: line, email: '', timestamp: 0, offset: 0 };
  const offset = Number(match[5]) * 60 + Number(match[6]);
  return {
    name: match[1]!,
    email: match[2]!,
    timestamp: Number(match[3]),
    offset: match[4] === '-' ? -offset : offset,
  };
}

function clean(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f<>]+/g, ' ')
    .replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '')
    .slice(0, 1000);
}
