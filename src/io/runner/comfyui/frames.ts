import { CwfError } from '../../../base/errors.ts';
import { isObject, type JsonObject } from '../../../base/json.ts';
import type { PreviewFrame } from '../watch.ts';
import { readServerJson } from './server-json.ts';

/** Numbers of binary messages and of the formats of pictures in them. */
const PREVIEW = 1;
const PREVIEW_WITH_METADATA = 4;
const FORMATS: Readonly<Record<number, string>> = { 1: 'image/jpeg', 2: 'image/png' };
const TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
const MOST_METADATA = 64 * 1024;

/**
 * Reads a binary message: `u32 event`, then for a preview `u32 format, picture`, for one with metadata `u32 length,
 * JSON, picture` (all big-endian). Undefined for any other event, and for what is cut off, longer than it says or no
 * picture by its own account.
 */
export function readFrame(frame: Buffer): PreviewFrame | undefined {
  if (frame.length < 8) return undefined;
  const event = frame.readUInt32BE(0);
  const second = frame.readUInt32BE(4);
  if (event === PREVIEW) {
    const type = FORMATS[second];
    return type === undefined ? undefined : { type, bytes: frame.subarray(8) };
  }
  if (event !== PREVIEW_WITH_METADATA || second > MOST_METADATA || 8 + second > frame.length) return undefined;
  const metadata = readMetadata(frame.subarray(8, 8 + second));
  const { image_type: type, node_id: node, prompt_id: promptId } = metadata ?? {};
  if (typeof type !== 'string' || !TYPES.has(type) || typeof promptId !== 'string') return undefined;
  return { type, promptId, ...(typeof node === 'string' ? { node } : {}), bytes: frame.subarray(8 + second) };
}

function readMetadata(bytes: Buffer): JsonObject | undefined {
  try {
    const json = readServerJson(bytes, 'a preview', MOST_METADATA);
    return isObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof CwfError) return undefined;
    throw error;
  }
}
