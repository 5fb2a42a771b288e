/** What a file is by its first bytes, whatever its name says; `undefined` for anything unknown. */
export function sniff(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1');
  for (const [type, pattern] of MAGIC) if (pattern.test(head)) return type;
  return undefined;
}

/** Types that are decoded here; the rest of the table is there to be named. */
export const IMAGE_TYPES: ReadonlySet<string> = new Set(['PNG', 'JPEG', 'WebP', 'GIF']);

/** Types that ffmpeg decodes. */
export const VIDEO_TYPES: ReadonlySet<string> = new Set(['MP4', 'Matroska']);

const MAGIC: readonly (readonly [string, RegExp])[] = [
  ['PNG', /^\x89PNG\r\n\x1a\n/],
  ['JPEG', /^\xff\xd8\xff/],
  ['WebP', /^RIFF[\s\S]{4}WEBP/],
  ['GIF', /^GIF8[79]a/],
  ['AVIF', /^[\s\S]{4}ftyp(avif|avis)/],
  ['HEIF', /^[\s\S]{4}ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)/],
  ['MP4', /^[\s\S]{4}ftyp/],
  ['Matroska', /^\x1aE\xdf\xa3/],
  ['TIFF', /^(II\*\0|MM\0\*|II\+\0|MM\0\+)/],
  ['BMP', /^BM/],
  ['PDF', /^%PDF-/],
  ['JPEG XL', /^(\xff\x0a|\0\0\0\x0cJXL )/],
  ['SVG', /^\s*(<\?xml[\s\S]*)?<svg/i],
  ['HTML page', /^\s*<(!doctype html|html|head|body)/i],
  ['Git LFS pointer', /^version https:\/\/git-lfs/],
];
