/**
 * Limits of one file; docs/limits.md gives the reasons. `fileBytes`: an image, which is read as a whole; of a video or a
 * sound only `chunks` or `elements` headers and the texts are read, whatever its size.
 */
export const MEDIA_LIMITS = {
  fileBytes: 256 * 1024 * 1024,
  chunks: 10_000,
  elements: 200_000,
  textBytes: 8 * 1024 * 1024,
  /** Elements inside one another. */
  depth: 16,
} as const;

/** Makes the error for one file; the readers of each format only give the reason. */
export type Fail = (reason: string) => Error;

/** Whether a text's name is one that holds a graph. */
export function isGraphKey(key: string): key is 'workflow' | 'prompt' {
  return key === 'workflow' || key === 'prompt';
}

/** Whether a text's name is one that is read: of a graph, or `cwf`, under which runs of cwf say what was run. */
export function isTextKey(key: string): key is 'workflow' | 'prompt' | 'cwf' {
  return isGraphKey(key) || key === 'cwf';
}

/** UTF-8 where the bytes are valid UTF-8, Latin-1 otherwise: PNG demands the second, some savers write the first. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
