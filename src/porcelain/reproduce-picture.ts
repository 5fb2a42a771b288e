import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { isCwfError } from '../base/errors.ts';
import { type Embedded, readEmbedded } from '../io/media/embedded.ts';
import type { MediaFile } from '../io/media/file.ts';
import { decode } from '../io/metrics/decode.ts';
import { fingerprintOf } from '../io/metrics/fingerprint.ts';
import { outputType } from '../io/outputs/type.ts';
import type { Context } from './context.ts';
import type { RunOutput } from './run-note.ts';
import { withSource } from './source-file.ts';

/** What the outputs of a run are compared with. */
export interface Reference extends Partial<Omit<RunOutput, 'id' | 'filename' | 'type'>> {
  readonly id: string;
  readonly filename: string;
  readonly type: string;
  /** A file that has these bytes, where the store may not. */
  readonly path?: string;
}

/** A picture that somebody wants made again. */
export interface Picture {
  readonly name: string;
  readonly reference: Reference;
  /** What it carries; undefined for a file that has no place for texts. */
  readonly embedded?: Embedded;
}

const STEP = 1024 * 1024;

/**
 * Reads a picture, video or sound: its digest, its pixels where they can be decoded, what it carries. Throws
 * FILE_NOT_FOUND, FILE_IS_FOLDER, FILE_UNREADABLE and, for what is none of these, IMAGE_INVALID.
 */
export async function readPicture(ctx: Pick<Context, 'cwd'>, file: string, name = basename(file)): Promise<Picture> {
  const read = withSource(ctx.cwd, file, (media) => ({
    id: digest(media),
    size: media.size,
    type: outputType(media.read(0, 512)).type,
    texts: textsOf(media, name),
  }));
  const path = resolve(ctx.cwd, file);
  const pixels = await pixelsOf(path, name);
  const { id, size, type, texts } = read;
  if ('error' in texts && !pixels) throw texts.error;
  return {
    name,
    reference: { id, filename: name, type, size, path, ...pixels },
    ...('error' in texts ? {} : { embedded: texts }),
  };
}

function digest(file: MediaFile): string {
  const hash = createHash('sha256');
  for (let at = 0; at < file.size; at += STEP) hash.update(file.read(at, STEP));
  return hash.digest('hex');
}

function textsOf(file: MediaFile, name: string): Embedded | { readonly error: unknown } {
  try {
    return readEmbedded(file, name);
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return { error };
  }
}

async function pixelsOf(
  path: string,
  name: string,
): Promise<Pick<RunOutput, 'pixels' | 'dhash' | 'width' | 'height' | 'frames'> | undefined> {
  try {
    const decoded = await decode({ path, name });
    if (decoded.kind === 'unavailable') return undefined;
    const [first] = decoded.frames;
    const { pixelSha256: pixels, dhash64: dhash } = fingerprintOf(first!);
    return { pixels, dhash, width: first!.width, height: first!.height, frames: decoded.frames.length };
  } catch (error) {
    if (isCwfError(error, 'IMAGE_INVALID', 'IMAGE_TOO_LARGE', 'RUNTIME_MISSING')) return undefined;
    throw error;
  }
}
