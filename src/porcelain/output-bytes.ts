import { readOutput } from '../io/outputs/store.ts';
import { outputType } from '../io/outputs/type.ts';
import type { Context } from './context.ts';
import { findOutputName, outputsOf } from './output-names.ts';

/** An output, and parts of it. */
export interface OutputBytes {
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
