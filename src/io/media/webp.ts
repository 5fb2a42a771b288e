import { readExifTexts } from './exif.ts';
import { type Fail, MEDIA_LIMITS } from './limits.ts';

/** Reads the texts in the EXIF chunk of a WebP file (RFC 9649). Throws what `fail` makes. */
export function readWebpTexts(bytes: Buffer, fail: Fail): Map<string, string> {
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) throw fail(`it is cut off: ${bytes.length} of ${end} bytes`);
  let pos = 12;
  for (let count = 0; pos < end; count++) {
    if (count >= MEDIA_LIMITS.chunks) throw fail(`it has more than ${MEDIA_LIMITS.chunks} chunks`);
    if (pos + 8 > end) throw fail(`it is cut off at byte ${pos}`);
    const type = bytes.toString('latin1', pos, pos + 4);
    const length = bytes.readUInt32LE(pos + 4);
    if (pos + 8 + length > end) throw fail(`it is cut off in the ${type.trim()} chunk at byte ${pos}`);
    if (type === 'EXIF') return readExifTexts(bytes.subarray(pos + 8, pos + 8 + length), fail);
    // Chunks are padded to an even length.
    pos += 8 + length + (length & 1);
  }
  return new Map();
}
