import { CwfError } from '../../base/errors.ts';
import { parseJson } from '../../base/json-parse.ts';
import { type MediaFile, memoryFile } from './file.ts';
import { readFlacTexts } from './flac.ts';
import { readId3 } from './id3.ts';
import { readIsoTexts } from './iso.ts';
import { readJpegTexts } from './jpeg.ts';
import { type Fail, MEDIA_LIMITS } from './limits.ts';
import { matroskaType, readMatroskaTexts } from './matroska.ts';
import { readOggTexts } from './ogg.ts';
import { readPngTexts } from './png.ts';
import { readWebpTexts } from './webp.ts';

type Reader = (file: MediaFile, fail: Fail) => Map<string, string>;

/** An image is read as a whole. */
const whole =
  (read: (bytes: Buffer, fail: Fail) => Map<string, string>): Reader =>
  (file, fail) => {
    if (file.size > MEDIA_LIMITS.fileBytes) throw fail(`it is over ${MEDIA_LIMITS.fileBytes} bytes`);
    return read(file.read(0, file.size), fail);
  };

/** A FLAC file may start with an ID3 tag like an MP3. */
const readTagged: Reader = (file, fail) => {
  if (file.read(0, 3).toString('latin1') !== 'ID3') return new Map();
  const { texts, end } = readId3(file, fail);
  const isFlac = file.read(end, 4).toString('latin1') === 'fLaC';
  return isFlac ? new Map([...texts, ...readFlacTexts(file, fail, end)]) : texts;
};

const READERS = {
  PNG: whole(readPngTexts),
  WebP: whole(readWebpTexts),
  JPEG: whole(readJpegTexts),
  MP4: readIsoTexts,
  MOV: readIsoTexts,
  WebM: readMatroskaTexts,
  Matroska: readMatroskaTexts,
  FLAC: readFlacTexts,
  Ogg: readOggTexts,
  MP3: readTagged,
} as const;

/** The types of files that ComfyUI and its nodes save a graph in. */
export type MediaType = keyof typeof READERS;

/**
 * What ComfyUI writes into a file: the saved graph and the API prompt it was run as, both JSON as text; `cwf` is what a run
 * of cwf says of itself (docs/runs.md). Anybody can write any of them.
 */
export interface Embedded {
  readonly type: MediaType;
  readonly workflow?: string;
  readonly prompt?: string;
  readonly cwf?: string;
}

/**
 * Extracts the texts ComfyUI embedded in an image, a video or a sound without decoding it; of videos and sounds only
 * headers and texts are read. Throws IMAGE_INVALID when the file is of no such type, is cut off before its texts, fails
 * a checksum or exceeds a limit, and what the JSON reader throws of a comment; finding no text is not an error.
 */
export function readEmbedded(input: Uint8Array | MediaFile, source: string): Embedded {
  const file = input instanceof Uint8Array ? memoryFile(input) : input;
  const type = mediaType(file.read(0, HEAD_BYTES));
  if (type === undefined) {
    const reason = `it is none of ${Object.keys(READERS).join(', ')}`;
    throw new CwfError('IMAGE_INVALID', { source, type: 'file', reason });
  }
  const fail = (reason: string): CwfError => new CwfError('IMAGE_INVALID', { source, type, reason });
  const texts = READERS[type](file, fail);
  const text = (key: 'workflow' | 'prompt' | 'cwf'): string | undefined => {
    const found = texts.get(key);
    return found === undefined ? undefined : unwrapped(found);
  };
  const cwf = text('cwf');
  return { type, workflow: text('workflow'), prompt: text('prompt'), ...(cwf === undefined ? {} : { cwf }) };
}

/** Some savers write the JSON of a text that is the graph's JSON, once or twice over; the page reads those as well. */
function unwrapped(text: string): string {
  let inner = text;
  for (let layer = 0; layer < MAX_LAYERS && /^\s*"/.test(inner); layer++) {
    try {
      const value = parseJson(inner, { source: 'text', maxString: MEDIA_LIMITS.textBytes });
      if (typeof value !== 'string') return inner;
      inner = value;
    } catch {
      // Who reads the graph says what is wrong with it.
      return text;
    }
  }
  return /^\s*\{/.test(inner) ? inner : text;
}

/** Layers of quoting that have been seen are two. */
const MAX_LAYERS = 4;

/** As many bytes of a file as tell its type. */
export const HEAD_BYTES = 64;

/** Boxes that a QuickTime file without a type box starts with. */
const QUICKTIME = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);
/** Brands of pictures in boxes, which hold no texts of ComfyUI's. */
const PICTURES = new Set(['avif', 'avis', 'heic', 'heix', 'hevc', 'mif1', 'msf1']);

/** The type of a file by its first bytes; a name's ending proves nothing. */
export function mediaType(bytes: Uint8Array): MediaType | undefined {
  const start = Buffer.from(bytes.subarray(0, HEAD_BYTES));
  const head = start.toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'WebP';
  if (head.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (head.startsWith('fLaC')) return 'FLAC';
  if (head.startsWith('OggS')) return 'Ogg';
  if (head.startsWith('ID3')) return 'MP3';
  const box = head.slice(4, 8);
  if (box === 'ftyp' && !PICTURES.has(head.slice(8, 12))) return head.slice(8, 12) === 'qt  ' ? 'MOV' : 'MP4';
  if (QUICKTIME.has(box)) return 'MOV';
  if (head.startsWith('\x1a\x45\xdf\xa3'))
    return { webm: 'WebM', matroska: 'Matroska' }[matroskaType(start)] as MediaType;
  // A frame of MPEG sound: eleven set bits, then a layer (ADTS has none).
  return start.length > 1 && start[0] === 0xff && (start[1]! & 0xe0) === 0xe0 && (start[1]! & 0x06) !== 0
    ? 'MP3'
    : undefined;
}
