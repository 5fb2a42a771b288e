import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { isMissing } from './objects.ts';
import type { Oid, Ref } from './types.ts';

const OID = /^[0-9a-f]{40}$/;

/**
 * Value of a ref: an oid, `ref: <name>` for a symbolic one, or undefined when there is none. A loose file that holds
 * neither is an error, never a fall back to the packed value, which would silently drop history. Throws REF_CORRUPT.
 */
export function readRawRef(gitDir: string, ref: string): string | undefined {
  // A loose ref that git packs between our two looks is found by the second round.
  for (let attempt = 0; attempt < 2; attempt++) {
    const loose = readLoose(gitDir, ref);
    if (loose !== undefined) return loose;
    const packed = readPackedRefs(gitDir).get(ref);
    if (packed !== undefined) return packed;
  }
  return undefined;
}

/** The oid a ref leads to, through symbolic refs; undefined when it, or what it names, does not exist. */
export function readRef(gitDir: string, ref: string): Oid | undefined {
  let name = ref;
  for (let depth = 0; depth < 6; depth++) {
    const value = readRawRef(gitDir, name);
    if (value === undefined || !value.startsWith('ref: ')) return value;
    name = value.slice(5);
  }
  throw new CwfError('REF_CORRUPT', { ref, found: 'a ring of symbolic refs' });
}

/** Every ref whose name starts with a prefix, sorted by name; a loose value hides the packed one. */
export function listRefs(gitDir: string, prefix: string): Ref[] {
  const found = new Map<string, Oid>();
  for (const [ref, oid] of readPackedRefs(gitDir)) if (ref.startsWith(prefix)) found.set(ref, oid);
  const folder = prefix.slice(0, prefix.lastIndexOf('/'));
  for (const ref of looseRefs(gitDir, folder)) {
    if (!ref.startsWith(prefix)) continue;
    const oid = readRef(gitDir, ref);
    if (oid !== undefined) found.set(ref, oid);
  }
  return [...found].map(([ref, oid]) => ({ ref, oid })).sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

// Ten thousand packed trials are parsed once, not for every ref that is looked up.
const parsed = new Map<string, { stamp: string; refs: ReadonlyMap<string, Oid> }>();

/** Names and values in `packed-refs`; peeled values are passed over. */
export function readPackedRefs(gitDir: string): ReadonlyMap<string, Oid> {
  const stat = statSync(join(gitDir, 'packed-refs'), { throwIfNoEntry: false, bigint: true });
  // Whoever writes the file renames a new one into place: another inode, whatever the clock says.
  const stamp = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
  const known = parsed.get(gitDir);
  if (known?.stamp === stamp) return known.refs;
  const refs = parsePackedRefs(gitDir);
  parsed.set(gitDir, { stamp, refs });
  return refs;
}

function parsePackedRefs(gitDir: string): Map<string, Oid> {
  const refs = new Map<string, Oid>();
  let text: string;
  try {
    text = readFileSync(join(gitDir, 'packed-refs'), 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return refs;
    throw cause;
  }
  for (const line of text.split('\n')) {
    if (line[40] === ' ' && OID.test(line.slice(0, 40))) refs.set(line.slice(41), line.slice(0, 40));
  }
  return refs;
}

/** Last value of a ref's reflog, newest first; for hints and repair. */
export function lastLogged(gitDir: string, ref: string): Oid | undefined {
  try {
    const text = readFileSync(join(gitDir, 'logs', ref), 'utf8');
    return [...text.matchAll(/^[0-9a-f]{40} ([0-9a-f]{40}) /gm)].at(-1)?.[1];
  } catch {
    return undefined;
  }
}

function readLoose(gitDir: string, ref: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(join(gitDir, ref), 'utf8');
  } catch (cause) {
    if (isMissing(cause) || ['EISDIR', 'ENAMETOOLONG'].includes((cause as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw cause;
  }
  const value = text.trimEnd();
  if (OID.test(value)) return value;
  const target = /^ref:\s*(\S+)$/.exec(value)?.[1];
  if (target !== undefined) return `ref: ${target}`;
  const logged = lastLogged(gitDir, ref);
  const hint = logged ? `Its last known value is ${logged}; \`cwf fsck --repair\` puts it back.` : undefined;
  throw new CwfError(
    'REF_CORRUPT',
    { ref, found: value === '' ? 'nothing' : JSON.stringify(value.slice(0, 40)) },
    { hint },
  );
}

function looseRefs(gitDir: string, folder: string): string[] {
  const out: string[] = [];
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(join(gitDir, folder), { withFileTypes: true });
  } catch (cause) {
    if (isMissing(cause)) return out;
    throw cause;
  }
  for (const entry of entries) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) out.push(...looseRefs(gitDir, name));
    else if (!entry.name.endsWith('.lock')) out.push(name);
  }
  return out;
}
