import { CwfError } from '../base/errors.ts';
import { smallPicture } from '../io/outputs/describe.ts';
import { readOutput } from '../io/outputs/store.ts';
import { outputType } from '../io/outputs/type.ts';
import type { Context } from './context.ts';
import { findOutputName, outputsOf } from './output-names.ts';

/** An output, and parts of it. */
export interface OutputBytes {
  /** Names these bytes and no others. */
  readonly id: string;
  readonly size: number;
  /** Media type by its first bytes; `application/octet-stream` for what a browser would run. */
  readonly type: string;
  /** The bytes from one place up to another. */
  bytes(from: number, to: number): Uint8Array<ArrayBuffer>;
}

/** An output by the beginning of its name. Throws OUTPUT_FILE_NOT_FOUND, OUTPUT_AMBIGUOUS, OUTPUT_CORRUPT. */
export async function readOutputBytes(ctx: Context, name: string): Promise<OutputBytes> {
  const place = outputsOf(ctx);
  const id = findOutputName(place, name);
  const all = new Uint8Array(readOutput(place, id));
  return { id, size: all.length, type: outputType(all).type, bytes: (from, to) => all.slice(from, to) };
}

/** Sides of small pictures, in pixels: few, so that whoever asks for many sizes gets few pictures made. */
export const PICTURE_SIDES = [64, 128, 256, 512, 1024] as const;

/**
 * A picture as WebP that fits a square of `width` pixels; of an animation the first frame. Throws INPUT_INVALID for
 * another width, IMAGE_INVALID for what is no picture, and as `readOutputBytes`.
 */
export async function readSmallPicture(ctx: Context, name: string, width: string): Promise<OutputBytes> {
  const side = PICTURE_SIDES.find((one) => String(one) === width);
  if (side === undefined) {
    const reason = `it is one of ${PICTURE_SIDES.join(', ')}`;
    throw new CwfError('INPUT_INVALID', { verb: 'outputs', place: '/width', reason });
  }
  const place = outputsOf(ctx);
  const id = findOutputName(place, name);
  const all = new Uint8Array(await smallPicture(place, id, side));
  return { id: `${id}-${side}`, size: all.length, type: 'image/webp', bytes: (from, to) => all.slice(from, to) };
}
