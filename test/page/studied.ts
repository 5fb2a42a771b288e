import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { commit } from '../../src/porcelain/commit.ts';
import { encoded, noisy, scene } from '../io/metrics/images.ts';
import { served, type TestServer } from '../server/served.ts';

/** A noisy picture that is tinted by a seed, blurred and sharpened: nodes that the embedded engine runs. */
export const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  '2': { class_type: 'SeedNode', inputs: { seed: 7 } },
  '3': { class_type: 'ComfyMathExpression', inputs: { expression: 'a * 7919 % 16777216', 'values.a': ['2', 0] } },
  '4': { class_type: 'EmptyImage', inputs: { width: 192, height: 128, batch_size: 1, color: ['3', 1] } },
  '5': {
    class_type: 'ImageBlend',
    inputs: { image1: ['1', 0], image2: ['4', 0], blend_factor: 0.25, blend_mode: 'normal' },
  },
  '6': { class_type: 'ImageBlur', inputs: { image: ['5', 0], blur_radius: 3, sigma: 1 } },
  '7': { class_type: 'ImageSharpen', inputs: { image: ['6', 0], sharpen_radius: 1, sigma: 1, alpha: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['7', 0], filename_prefix: 'x' } },
};

/** A server on a repository whose workflow `photo.json` can be optimized without any model. */
export async function studied(): Promise<TestServer> {
  const server = await served();
  server.write('photo.json', GRAPH);
  mkdirSync(join(server.dir, 'input'), { recursive: true });
  server.write('input/photo.png', await encoded(noisy(scene(3, 192, 128), 12)));
  await commit.run(server.ctx, { message: 'blur and sharpen a photo' });
  return server;
}

/** Waits until nothing on the page is still being loaded, but for pictures that nobody sees. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('main h1') !== null && !/loading…/i.test(document.querySelector('main')!.textContent!),
  );
}
