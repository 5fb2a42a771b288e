import { inflateSync } from 'node:zlib';
import { crc32 } from '../../base/crc32.ts';
import { isCwfError } from '../../base/errors.ts';
import { decodeText, type Fail, isGraphKey, isTextKey, MEDIA_LIMITS } from './limits.ts';

/** Chunks that hold texts; `comf` is what ComfyUI writes into animated PNG, laid out like tEXt. */
const TEXT_CHUNKS = new Set(['tEXt', 'zTXt', 'iTXt', 'comf']);

/** One chunk: where it starts, and its data. */
export interface PngChunk {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly data: Buffer;
}

/**
 * The chunks of a PNG up to IEND (ISO/IEC 15948 section 5), every checksum checked; what stands behind IEND is not
 * looked at. Throws what `fail` makes.
 */
export function* pngChunks(bytes: Buffer, fail: Fail): Generator<PngChunk> {
  let pos = 8;
  for (let count = 0; ; count++) {
    if (count >= MEDIA_LIMITS.chunks) throw fail(`it has more than ${MEDIA_LIMITS.chunks} chunks`);
    if (pos === bytes.length) throw fail('the end chunk (IEND) is missing');
    if (pos + 12 > bytes.length) throw fail(`it is cut off at byte ${pos}`);
    const length = bytes.readUInt32BE(pos);
    const type = bytes.toString('latin1', pos + 4, pos + 8);
    const end = pos + 8 + length;
    if (!/^[A-Za-z]{4}$/.test(type)) throw fail(`no chunk at byte ${pos}`);
    if (end + 4 > bytes.length) throw fail(`it is cut off in the ${type} chunk at byte ${pos}`);
    if (count === 0 && type !== 'IHDR') throw fail('its first chunk is not IHDR');
    if (crc32(bytes, pos + 4, end) !== bytes.readUInt32BE(end)) {
      throw fail(`the checksum of the ${type} chunk at byte ${pos} is wrong`);
    }
    yield { type, start: pos, end: end + 4, data: bytes.subarray(pos + 8, end) };
    if (type === 'IEND') return;
    pos = end + 4;
  }
}

/**
 * Reads the `workflow`, `prompt` and `cwf` texts of a PNG (ISO/IEC 15948 section 11.3.4), the last of each winning as in
 * ComfyUI. Throws what `fail` makes.
 */
export function readPngTexts(bytes: Buffer, fail: Fail): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { type, data } of pngChunks(bytes, fail)) {
    if (!TEXT_CHUNKS.has(type)) continue;
    const [key, text] = readText(type, data, fail);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** The name under which a chunk holds a graph; undefined for any other chunk. */
export function graphKeyOf({ type, data }: PngChunk): 'workflow' | 'prompt' | undefined {
  if (!TEXT_CHUNKS.has(type)) return undefined;
  const key = data.toString('latin1', 0, Math.max(data.indexOf(0), 0));
  return isGraphKey(key) ? key : undefined;
}

/** One text chunk; the text only of the keys that are read, so that nothing else costs an inflate. */
function readText(type: string, data: Buffer, fail: Fail): [string, string | undefined] {
  const nul = data.indexOf(0);
  const key = data.toString('latin1', 0, Math.max(nul, 0));
  if (!isTextKey(key)) return [key, undefined];
  try {
    return [key, textOf(type, data, nul, key, fail)];
  } catch (error) {
    // What cwf says of a run is an extra: the image is as good without it.
    if (key === 'cwf' && isCwfError(error, 'IMAGE_INVALID')) return [key, undefined];
    throw error;
  }
}

function textOf(type: string, data: Buffer, nul: number, key: string, fail: Fail): string {
  if (type === 'tEXt' || type === 'comf') return decodeText(capped(data.subarray(nul + 1), key, fail));
  if (type === 'zTXt') return decodeText(inflate(data.subarray(nul + 2), key, fail));
  // iTXt: compression flag, compression method, language tag, translated keyword, text.
  const language = data.indexOf(0, nul + 3);
  const keyword = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (keyword < 0) throw fail(`the text "${key}" is damaged`);
  const body = data.subarray(keyword + 1);
  return decodeText(data[nul + 1] === 1 ? inflate(body, key, fail) : capped(body, key, fail));
}

function capped(data: Buffer, key: string, fail: Fail): Buffer {
  if (data.length > MEDIA_LIMITS.textBytes) throw fail(`the text "${key}" is over ${MEDIA_LIMITS.textBytes} bytes`);
  return data;
}

function inflate(data: Buffer, key: string, fail: Fail): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: MEDIA_LIMITS.textBytes });
  } catch (error) {
    const bomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw fail(`the text "${key}" ${bomb ? `is over ${MEDIA_LIMITS.textBytes} bytes` : 'does not decompress'}`);
  }
}
