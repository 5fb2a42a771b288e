import { opendirSync } from 'node:fs';
import { isCwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { isObject } from '../base/json.ts';
import { isOutputId } from '../io/outputs/place.ts';
import { readOutput } from '../io/outputs/store.ts';
import type { Context } from './context.ts';
import { outputsOf } from './output-names.ts';
import { type GivenFile, readInside } from './run-inputs.ts';
import type { RunNote } from './run-note.ts';

/** A file that a run was given, and what became of it. */
export interface InputFate {
  readonly node: string;
  readonly input: string;
  readonly file: string;
  /** Its SHA-256 then. */
  readonly sha256: string;
  /**
   * `same`: it lies there; `moved`: it lies there under another name; `stored`: the store has it; `changed`: under its
   * name lies another one; `missing`: neither it nor one of its name.
   */
  readonly kind: 'same' | 'moved' | 'stored' | 'changed' | 'missing';
  /** The other name. */
  readonly found?: string;
  /** The SHA-256 of the one that lies there now. */
  readonly now?: string;
}

/** Files looked through for one that was renamed. */
const MOST_FILES = 2_000;

/**
 * Looks for the files that a run was given by their content: under their names, in the store, under any name at the top of
 * the folder. Those that do not lie under their names go along as `files`. [RE-6]
 */
export function findInputs(
  ctx: Context,
  noted: RunNote['inputs'],
  folder: string,
): { readonly fates: readonly InputFate[]; readonly files: readonly GivenFile[] } {
  const fates: InputFate[] = [];
  const files: GivenFile[] = [];
  for (const one of Array.isArray(noted) ? noted : []) {
    if (!isObject(one)) continue;
    const { node, input, file, sha256: digest } = one;
    if (typeof node !== 'string' || typeof input !== 'string' || typeof file !== 'string') continue;
    if (typeof digest !== 'string' || !isOutputId(digest)) continue;
    const known = { node, input, file, sha256: digest };
    const there = readInside(folder, file);
    const now = there && sha256(there);
    if (now === digest) {
      fates.push({ ...known, kind: 'same' });
      continue;
    }
    const other = stored(ctx, digest) ?? renamed(folder, digest);
    if (other) files.push({ node, input, bytes: other.bytes });
    const kind = other ? (other.name === undefined ? 'stored' : 'moved') : there ? 'changed' : 'missing';
    const more = other?.name !== undefined ? { found: other.name } : kind === 'changed' && now ? { now } : {};
    fates.push({ ...known, kind, ...more });
  }
  return { fates, files };
}

interface Found {
  readonly bytes: Buffer;
  readonly name?: string;
}

function stored(ctx: Context, digest: string): Found | undefined {
  try {
    return { bytes: readOutput(outputsOf(ctx), digest) };
  } catch (error) {
    if (isCwfError(error, 'OUTPUT_FILE_NOT_FOUND', 'OUTPUT_CORRUPT')) return undefined;
    throw error;
  }
}

function renamed(folder: string, digest: string): Found | undefined {
  for (const name of namesIn(folder)) {
    const bytes = readInside(folder, name);
    if (bytes && sha256(bytes) === digest) return { bytes, name };
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  const names: string[] = [];
  try {
    const dir = opendirSync(folder);
    try {
      for (let entry = dir.readSync(); entry && names.length < MOST_FILES; entry = dir.readSync()) {
        if (entry.isFile()) names.push(entry.name);
      }
    } finally {
      dir.closeSync();
    }
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
  }
  return names.sort();
}
