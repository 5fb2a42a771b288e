import { decodeText, type Fail, MEDIA_LIMITS } from './limits.ts';
import { checkLength, type Tags } from './tags.ts';

/** Reads a Vorbis comment block (vendor, then `NAME=text` by length, little endian) into `tags`. Throws what `fail` makes. */
export function readVorbisComment(block: Buffer, tags: Tags, fail: Fail): void {
  let at = 0;
  const next = (): Buffer => {
    if (at + 4 > block.length) throw fail('its Vorbis comment is cut off');
    const length = block.readUInt32LE(at);
    at += 4 + length;
    if (at > block.length) throw fail('its Vorbis comment is cut off');
    return block.subarray(at - length, at);
  };
  next();
  if (at + 4 > block.length) throw fail('its Vorbis comment is cut off');
  const count = block.readUInt32LE(at);
  at += 4;
  if (count > MEDIA_LIMITS.chunks) throw fail(`it has more than ${MEDIA_LIMITS.chunks} comments`);
  for (let i = 0; i < count; i++) {
    const comment = next();
    const equals = comment.indexOf('=');
    if (equals < 0) continue;
    const name = comment.toString('latin1', 0, equals);
    checkLength(name, comment.length - equals - 1, fail);
    tags.add(name, decodeText(comment.subarray(equals + 1)));
  }
}
