import { mkdirSync, readFileSync } from 'node:fs';
import { isCwfError } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { isMissing, moveIn, temporaryIn, tried, writeParts } from './disk.ts';
import { isPicture, makeThumbnail, type Pixels, pixelsOf, THUMBNAIL } from './picture.ts';
import { type Beside, type OutputPlace, outputPath } from './place.ts';
import { findOutput, outputHead, readOutput, type StoredOutput } from './store.ts';
import { outputType, TYPE_BYTES } from './type.ts';

/** What is known of an output. `width`, `height` and `frames` only of pictures that can be read. */
export interface DescribedOutput extends StoredOutput, Partial<Pixels> {
  /** Media type by the bytes. */
  readonly type: string;
}

/**
 * Type, size and pixels of an output. What took reading is kept beside it and read from there the next time; that file
 * is only a copy and is made again when it is damaged. Throws OUTPUT_FILE_NOT_FOUND.
 */
export async function describeOutput(place: OutputPlace, id: string): Promise<DescribedOutput> {
  const found = findOutput(place, id);
  const { type } = outputType(outputHead(place, id, TYPE_BYTES));
  if (!isPicture(type)) return { ...found, type };
  const kept = keptPixels(readBeside(place, id, '.json'), found.size);
  if (kept !== undefined) return { ...found, type, ...kept };
  try {
    const pixels = await pixelsOf(readOutput(place, id), id);
    await writeBeside(place, id, '.json', Buffer.from(canonicalJson({ size: found.size, ...pixels })));
    return { ...found, type, ...pixels };
  } catch (error) {
    // A damaged or absurd picture is still an output: it has no pixels that anybody can count.
    if (isCwfError(error, 'IMAGE_INVALID', 'OUTPUT_CORRUPT')) return { ...found, type };
    throw error;
  }
}

/**
 * The thumbnail of a picture as WebP, made when it is first asked for. Throws OUTPUT_FILE_NOT_FOUND, OUTPUT_CORRUPT,
 * IMAGE_INVALID.
 */
export async function thumbnailOf(place: OutputPlace, id: string): Promise<Buffer> {
  const kept = readBeside(place, id, '.webp');
  if (kept !== undefined && isWholeWebp(kept)) return kept;
  const made = await makeThumbnail(readOutput(place, id), id);
  await writeBeside(place, id, '.webp', made);
  return made;
}

/**
 * A picture as WebP of at most `side` by `side` pixels. That of the thumbnail is kept, smaller ones are made of it.
 * Throws as `thumbnailOf`.
 */
export async function smallPicture(place: OutputPlace, id: string, side: number): Promise<Buffer> {
  if (side > THUMBNAIL) return makeThumbnail(readOutput(place, id), id, side);
  const thumbnail = await thumbnailOf(place, id);
  return side === THUMBNAIL ? thumbnail : makeThumbnail(thumbnail, id, side);
}

/** Says that a pointer file names an output: garbage collection keeps it like one that a note names. */
export async function pinOutput(place: OutputPlace, id: string): Promise<void> {
  findOutput(place, id);
  await writeBeside(place, id, '.pin', Buffer.alloc(0));
}

/** Whether a pointer file was made for an output. */
export function isPinned(place: OutputPlace, id: string): boolean {
  return readBeside(place, id, '.pin') !== undefined;
}

function readBeside(place: OutputPlace, id: string, beside: Beside): Buffer | undefined {
  try {
    return readFileSync(outputPath(place, id, beside));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

async function writeBeside(place: OutputPlace, id: string, beside: Beside, bytes: Buffer): Promise<void> {
  const path = outputPath(place, id, beside);
  const isLasting = beside === '.pin' && place.durable;
  try {
    tried(place.tmp, () => mkdirSync(place.tmp, { recursive: true }));
    const temporary = temporaryIn(place.tmp);
    await writeParts(temporary, [bytes], { sync: isLasting, mode: 0o644 });
    moveIn({ ...place, durable: isLasting }, temporary, path);
  } catch (error) {
    // A repository that cannot be written can still be looked at.
    if (beside === '.pin' || !isCwfError(error, 'STORAGE_FAILED', 'REPO_READ_ONLY')) throw error;
  }
}

function keptPixels(bytes: Buffer | undefined, size: number): Pixels | undefined {
  if (bytes === undefined) return undefined;
  let json: Json;
  try {
    json = JSON.parse(bytes.toString('utf8')) as Json;
  } catch {
    return undefined;
  }
  if (!isObject(json) || json['size'] !== size) return undefined;
  const { width, height, frames } = json;
  const isCount = (n: Json | undefined): n is number => Number.isSafeInteger(n) && (n as number) > 0;
  return isCount(width) && isCount(height) && isCount(frames) ? { width, height, frames } : undefined;
}

/** A RIFF file says how long it is. */
function isWholeWebp(bytes: Buffer): boolean {
  return bytes.length >= 12 && outputType(bytes).type === 'image/webp' && bytes.readUInt32LE(4) + 8 <= bytes.length;
}
