import { decodeText, type Fail, isTextKey, MEDIA_LIMITS } from './limits.ts';

const ASCII = 2;

/**
 * Reads the texts of the first directory of an EXIF block (TIFF 6.0 section 2) that look like `workflow:{...}`,
 * `prompt:{...}` or `cwf:{...}`: ComfyUI puts the prompt into Model (0x0110) and each further text into Make (0x010f) and the tags
 * below it, so the tag's number says nothing. Throws what `fail` makes.
 */
export function readExifTexts(block: Buffer, fail: Fail): Map<string, string> {
  const texts = new Map<string, string>();
  // Some writers repeat the JPEG marker's name inside WebP.
  const exif = block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block;
  const order = exif.toString('latin1', 0, 2);
  if (exif.length < 8 || (order !== 'II' && order !== 'MM')) throw fail('its EXIF block is damaged');
  const little = order === 'II';
  const u16 = (at: number): number => (little ? exif.readUInt16LE(at) : exif.readUInt16BE(at));
  const u32 = (at: number): number => (little ? exif.readUInt32LE(at) : exif.readUInt32BE(at));
  const first = u32(4);
  if (first + 2 > exif.length) throw fail('its EXIF block is cut off');
  const count = u16(first);
  if (first + 2 + count * 12 > exif.length) throw fail('its EXIF block is cut off');
  for (let i = 0; i < count; i++) {
    const entry = first + 2 + i * 12;
    const size = u32(entry + 4);
    if (u16(entry + 2) !== ASCII || size <= 4) continue;
    if (size > MEDIA_LIMITS.textBytes) throw fail(`a text in its EXIF block is over ${MEDIA_LIMITS.textBytes} bytes`);
    const start = u32(entry + 8);
    if (start + size > exif.length) throw fail('its EXIF block is cut off');
    const text = decodeText(exif.subarray(start, start + size)).replace(/\0+$/, '');
    const colon = text.indexOf(':');
    const key = text.slice(0, Math.max(colon, 0)).toLowerCase();
    if (isTextKey(key)) texts.set(key, text.slice(colon + 1));
  }
  return texts;
}
