import { HEAD_BYTES, mediaType } from '../media/embedded.ts';

/** What an output is, told by its first bytes alone. */
export interface OutputType {
  /** Media type; `application/octet-stream` for everything that is not known. */
  readonly type: string;
  /** Ending of a file of this type, with its dot. */
  readonly ending: string;
}

/** As many bytes as `outputType` looks at. */
export const TYPE_BYTES = HEAD_BYTES;

/** Media types of what `mediaType` knows. */
const MEDIA: Readonly<Record<string, OutputType>> = {
  PNG: { type: 'image/png', ending: '.png' },
  WebP: { type: 'image/webp', ending: '.webp' },
  JPEG: { type: 'image/jpeg', ending: '.jpg' },
  MP4: { type: 'video/mp4', ending: '.mp4' },
  MOV: { type: 'video/quicktime', ending: '.mov' },
  WebM: { type: 'video/webm', ending: '.webm' },
  Matroska: { type: 'video/x-matroska', ending: '.mkv' },
  FLAC: { type: 'audio/flac', ending: '.flac' },
  Ogg: { type: 'audio/ogg', ending: '.ogg' },
  MP3: { type: 'audio/mpeg', ending: '.mp3' },
};

/**
 * The type of an output by its first bytes; a name proves nothing. What a browser would run (SVG, HTML) has no magic
 * number and is `application/octet-stream`, so that nobody ever shows it as a page.
 */
export function outputType(head: Uint8Array): OutputType {
  const start = Buffer.from(head.subarray(0, TYPE_BYTES)).toString('latin1');
  if (/^GIF8[79]a/.test(start)) return { type: 'image/gif', ending: '.gif' };
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WAVE') return { type: 'audio/wav', ending: '.wav' };
  if (start.slice(4, 8) === 'ftyp' && /^avi[fs]$/.test(start.slice(8, 12)))
    return { type: 'image/avif', ending: '.avif' };
  if (start.startsWith('glTF')) return { type: 'model/gltf-binary', ending: '.glb' };
  return MEDIA[mediaType(head) ?? ''] ?? { type: 'application/octet-stream', ending: '.bin' };
}
