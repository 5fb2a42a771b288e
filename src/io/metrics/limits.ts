/** Limits of what is measured; docs/limits.md gives the reasons. */
export const METRIC_LIMITS = {
  /** An image or animation, which is read as a whole. */
  fileBytes: 256 * 1024 * 1024,
  /** One frame: 8192 x 8192. */
  pixels: 2 ** 26,
  frames: 600,
  /** All frames together. */
  totalPixels: 2 ** 27,
  chunks: 10_000,
  /** Frames that image metrics look at. */
  sampled: 16,
  /** Images of a set. */
  set: 64,
  /** Characters of a prompt. */
  promptLength: 100_000,
  /** How long ffmpeg may take, in milliseconds. */
  decodeMs: 120_000,
} as const;
