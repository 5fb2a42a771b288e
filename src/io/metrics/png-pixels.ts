import { crc32 } from '../../base/crc32.ts';
import { METRIC_LIMITS } from './limits.ts';

/** Chunks that say what the pixels are; all others are texts, profiles and times. */
const PIXELS = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/**
 * A PNG with only the chunks that make its pixels (ISO/IEC 15948 section 5), each checksum checked: compressed texts and
 * profiles, which may be bombs, never reach the decoder. Throws what `fail` makes.
 */
export function pngPixels(bytes: Buffer, fail: (reason: string) => Error): Buffer {
  const kept: Buffer[] = [bytes.subarray(0, 8)];
  let pos = 8;
  for (let count = 0; ; count++) {
    if (count >= METRIC_LIMITS.chunks) throw fail(`it has more than ${METRIC_LIMITS.chunks} chunks`);
    if (pos === bytes.length) throw fail('the end chunk (IEND) is missing');
    if (pos + 12 > bytes.length) throw fail(`it is cut off at byte ${pos}`);
    const type = bytes.toString('latin1', pos + 4, pos + 8);
    const end = pos + 8 + bytes.readUInt32BE(pos);
    if (!/^[A-Za-z]{4}$/.test(type)) throw fail(`no chunk at byte ${pos}`);
    if (end + 4 > bytes.length) throw fail(`it is cut off in the ${type} chunk at byte ${pos}`);
    if (count === 0 && type !== 'IHDR') throw fail('its first chunk is not IHDR');
    if (crc32(bytes, pos + 4, end) !== bytes.readUInt32BE(end)) {
      throw fail(`the checksum of the ${type} chunk at byte ${pos} is wrong`);
    }
    if (PIXELS.has(type)) kept.push(bytes.subarray(pos, end + 4));
    if (type === 'IEND') return Buffer.concat(kept);
    pos = end + 4;
  }
}
