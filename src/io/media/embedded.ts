import { CwfError } from '../../base/errors.ts';
import { readJpegTexts } from './jpeg.ts';
import { MEDIA_LIMITS } from './limits.ts';
import { readPngTexts } from './png.ts';
import { readWebpTexts } from './webp.ts';

/** What ComfyUI writes into an image: the saved graph and the API prompt it was run as, both JSON as text. */
export interface Embedded {
  readonly type: 'PNG' | 'WebP' | 'JPEG';
  readonly workflow?: string;
  readonly prompt?: string;
}

const READERS = { PNG: readPngTexts, WebP: readWebpTexts, JPEG: readJpegTexts } as const;

/**
 * Extracts the texts ComfyUI embedded in an image without decoding a pixel. Throws IMAGE_INVALID when the bytes are no
 * PNG, WebP or JPEG, are cut off, fail a checksum or exceed a limit; finding no text is not an error.
 */
export function readEmbedded(bytes: Uint8Array, source: string): Embedded {
  const type = imageType(bytes);
  if (type === undefined) {
    throw new CwfError('IMAGE_INVALID', { source, type: 'image', reason: 'it is no PNG, WebP or JPEG file' });
  }
  const fail = (reason: string): CwfError => new CwfError('IMAGE_INVALID', { source, type, reason });
  if (bytes.length > MEDIA_LIMITS.fileBytes) throw fail(`it is over ${MEDIA_LIMITS.fileBytes} bytes`);
  const texts = READERS[type](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), fail);
  return { type, workflow: texts.get('workflow'), prompt: texts.get('prompt') };
}

/** The type of an image by its first bytes; a name's ending proves nothing. */
export function imageType(bytes: Uint8Array): Embedded['type'] | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (head.startsWith('RIFF') && head.slice(8) === 'WEBP') return 'WebP';
  return head.startsWith('\xff\xd8\xff') ? 'JPEG' : undefined;
}
