import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach } from 'vitest';
import { type OutputPlace, outputPlace } from '../../../src/io/outputs/place.ts';

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A folder that is gone after the test, and a store in it. */
export function tempStore(): { dir: string; place: OutputPlace } {
  const dir = mkdtempSync(join(tmpdir(), 'cwf-outputs-'));
  made.push(dir);
  return { dir, place: outputPlace(join(dir, 'cwf'), false) };
}

/** A picture of one colour. */
export function picture(
  width: number,
  height: number,
  format: 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' = 'png',
): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#336699' } })
    .toFormat(format)
    .toBuffer();
}
