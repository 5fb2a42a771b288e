import { resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import type { TransformCall } from '../core/transform/transform.ts';
import type { DocumentWorld } from './document.ts';
import { readBytes } from './plain-files.ts';
import { readStream } from './source-file.ts';

/** Transforms that one file may hold. [LIM] */
const MOST_CALLS = 10_000;

/** Where a file of transforms is read from. */
type World = Pick<DocumentWorld, 'cwd' | 'stdin'>;

/** The transforms of a file, or of stdin (`-`). Throws what reading it throws, and as `readTransforms`. */
export async function readTransformFile(file: string, { cwd, stdin }: World): Promise<TransformCall[]> {
  if (file === '-') return readTransforms(await readStream(stdin(), 'stdin'), 'stdin');
  return readTransforms(readBytes(resolve(cwd, file), file), file);
}

/**
 * Transforms with their arguments, as a file has them: a JSON list of `{"op", "args"}`, one such object, or one a line.
 * Throws TRANSFORMS_INVALID with the number of the one that is wrong, and what parsing throws.
 */
export function readTransforms(bytes: Uint8Array, source: string): TransformCall[] {
  const listed = membersOf(bytes, source);
  if (listed.length === 0) throw invalid(source, 'there is no transform in it');
  if (listed.length > MOST_CALLS) throw invalid(source, `there are more than ${MOST_CALLS} transforms in it`);
  return listed.map((one, at) => callIn(one, at + 1, source));
}

function membersOf(bytes: Uint8Array, source: string): readonly Json[] {
  let whole: Json;
  try {
    whole = parseJson(bytes, { source });
  } catch (error) {
    const lines = Buffer.from(bytes).toString('utf8').split(/\r?\n/);
    const isByLine = lines.filter((line) => line.trim() !== '').length > 1 && /^(\ufeff)?\s*\{/.test(lines[0]!);
    if (!isByLine || !isCwfError(error, 'JSON_SYNTAX')) throw error;
    return lines.flatMap((line, at) =>
      line.trim() === '' ? [] : [parseJson(line, { source: `${source} (line ${at + 1})` })],
    );
  }
  return Array.isArray(whole) ? whole : [whole];
}

function callIn(json: Json, number: number, source: string): TransformCall {
  const wrong = (reason: string): CwfError => invalid(source, `transform ${number}: ${reason}`);
  if (!isObject(json)) throw wrong('it is no object');
  const { op, args = {}, ...more } = json;
  if (typeof op !== 'string' || op === '') throw wrong('"op" does not name a transform');
  if (!isObject(args)) throw wrong(`"args" of ${op.slice(0, 60)} is no object`);
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw wrong(`there is no "${unknown.slice(0, 60)}" beside "op" and "args"`);
  return { op, args };
}

function invalid(source: string, reason: string): CwfError {
  return new CwfError('TRANSFORMS_INVALID', { source, reason });
}
