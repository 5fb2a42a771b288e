import { sha256 } from '../../base/hash.ts';
import type { Picture } from './picture.ts';
import { LEVEL } from './planes.ts';
import { resizeBicubic } from './resize.ts';

/** What an image is known by: the digest of its pixels, and a hash that looks alike for images that do. */
export interface Fingerprint {
  /** SHA-256 of the decoded RGB bytes. */
  readonly pixelSha256: string;
  /** Difference hash of 64 bits, as 16 hex digits. */
  readonly dhash64: string;
}

/** The fingerprint of an image. */
export function fingerprintOf(image: Picture): Fingerprint {
  return { pixelSha256: sha256(image.rgb), dhash64: dhash64(image) };
}

/**
 * Difference hash (Krawetz 2013): luma rounded to levels, shrunk to 9x8 by Pillow's bicubic, one bit for each pixel that
 * is brighter than its left neighbour, row by row from the top left.
 */
export function dhash64(image: Picture): string {
  const luma = image.luma();
  const grey = new Uint8Array(luma.length);
  for (let i = 0; i < luma.length; i++) grey[i] = Math.floor((luma[i]! + LEVEL / 2) / LEVEL);
  const small = resizeBicubic(grey, 1, image, { width: 9, height: 8 });
  let hash = '';
  for (let y = 0; y < 8; y++) {
    let bits = 0;
    for (let x = 0; x < 8; x++) bits = bits * 2 + (small[y * 9 + x + 1]! > small[y * 9 + x]! ? 1 : 0);
    hash += bits.toString(16).padStart(2, '0');
  }
  return hash;
}

/** How many of the 64 bits of two difference hashes differ. */
export function hashDistance(a: string, b: string): number {
  let differing = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let count = 0;
  for (; differing > 0n; differing &= differing - 1n) count++;
  return count;
}
