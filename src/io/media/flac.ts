import { type MediaFile, readExactly } from './file.ts';
import { type Fail, MEDIA_LIMITS } from './limits.ts';
import { Tags } from './tags.ts';
import { readVorbisComment } from './vorbis.ts';

const VORBIS_COMMENT = 4;
const LAST = 0x80;

/**
 * Reads the Vorbis comment of a FLAC file (RFC 9639 section 8) that starts at `from`; frames are not read. Throws what
 * `fail` makes.
 */
export function readFlacTexts(file: MediaFile, fail: Fail, from = 0): Map<string, string> {
  const tags = new Tags();
  let at = from + 4;
  for (let count = 0; ; count++) {
    if (count >= MEDIA_LIMITS.chunks) throw fail(`it has more than ${MEDIA_LIMITS.chunks} blocks`);
    const head = readExactly(file, at, 4, fail);
    const length = head.readUIntBE(1, 3);
    if (at + 4 + length > file.size) throw fail(`it is cut off in the block at byte ${at}`);
    if ((head[0]! & ~LAST) === VORBIS_COMMENT) {
      readVorbisComment(readExactly(file, at + 4, length, fail), tags, fail);
    }
    if (head[0]! & LAST) return tags.texts();
    at += 4 + length;
  }
}
