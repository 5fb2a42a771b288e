import { readExifTexts } from './exif.ts';
import { type Fail, MEDIA_LIMITS } from './limits.ts';

const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** Reads the texts in the EXIF segment of a JPEG file (all segments before the pixels). Throws what `fail` makes. */
export function readJpegTexts(bytes: Buffer, fail: Fail): Map<string, string> {
  let pos = 2;
  for (let count = 0; ; count++) {
    if (count >= MEDIA_LIMITS.chunks) throw fail(`it has more than ${MEDIA_LIMITS.chunks} segments`);
    if (pos + 4 > bytes.length) throw fail(`it is cut off at byte ${pos}`);
    if (bytes[pos] !== 0xff) throw fail(`no segment at byte ${pos}`);
    const marker = bytes[pos + 1]!;
    if (marker === 0xff) {
      // Fill bytes may stand before a marker.
      pos++;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return new Map();
    const length = bytes.readUInt16BE(pos + 2);
    const end = pos + 2 + length;
    if (length < 2 || end > bytes.length) throw fail(`it is cut off in the segment at byte ${pos}`);
    const isExif = marker === APP1 && bytes.toString('latin1', pos + 4, pos + 10) === 'Exif\0\0';
    if (isExif) return readExifTexts(bytes.subarray(pos + 10, end), fail);
    pos = end;
  }
}
