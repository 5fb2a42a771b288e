import { deflateSync } from 'node:zlib';
import { crc32 } from '../../src/base/crc32.ts';

type Colour = readonly [number, number, number];

/** How a lighthouse is painted. */
export interface Painting {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** The range of the noise of each pixel, as a share of white. */
  readonly grain: number;
}

/** As the demo's workflow loads it. */
const USUAL: Painting = { width: 768, height: 640, grain: 0.06 };
/** Samples of a pixel along each side: edges are smooth. */
const SAMPLES = 2;
const HORIZON = 0.7;

/** A picture as a PNG file: a lighthouse at dusk, painted by this file. */
export function lighthouse(painting: Painting = USUAL): Buffer {
  const { width, height } = painting;
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = pixel(x, y, painting);
      const grain = ((Math.imul(x * 7349 + y * 9151 + 17, 0x9e3779b1) >>> 24) / 255 - 0.5) * painting.grain;
      for (let c = 0; c < 3; c++) {
        const byte = Math.round((colour[c]! + grain) * 255);
        rows[y * (width * 3 + 1) + 1 + x * 3 + c] = Math.min(255, Math.max(0, byte));
      }
    }
  }
  return png(rows, painting);
}

function pixel(x: number, y: number, { width, height }: Painting): Colour {
  const sum = [0, 0, 0];
  for (let i = 0; i < SAMPLES; i++) {
    for (let j = 0; j < SAMPLES; j++) {
      const at = scene((x + (j + 0.5) / SAMPLES) / width, (y + (i + 0.5) / SAMPLES) / height);
      for (let c = 0; c < 3; c++) sum[c]! += at[c]! / SAMPLES ** 2;
    }
  }
  return sum as unknown as Colour;
}

/** The colour at a place of the picture, both from 0 to 1: the nearest thing that covers it. */
function scene(x: number, y: number): Colour {
  const fromTower = Math.abs(x - 0.36);
  if (y > 0.2 && y < 0.26 && fromTower < (y - 0.2) * 0.75) return [0.55, 0.12, 0.12];
  if (y >= 0.26 && y < 0.33 && fromTower < 0.034) return fromTower % 0.022 < 0.003 ? [0.2, 0.16, 0.2] : [1, 0.93, 0.62];
  if (y >= 0.33 && y < 0.35 && fromTower < 0.062) return [0.22, 0.18, 0.22];
  if (y >= 0.35 && y < 0.83 && fromTower < 0.04 + (y - 0.35) * 0.06) {
    const shade = 0.75 + (x - 0.36) * 4;
    const stripe: Colour = Math.floor((y - 0.35) / 0.08) % 2 === 0 ? [0.95, 0.92, 0.88] : [0.78, 0.16, 0.14];
    return mix([0.1, 0.08, 0.16], stripe, shade);
  }
  const rock =
    0.82 + 0.012 * Math.sin(x * 90) + 0.02 * Math.sin(x * 31 + 1) + 1.6 * Math.max(0, fromTower - 0.1) ** 1.4;
  if (y > rock)
    return mix([0.16, 0.13, 0.15], [0.32, 0.26, 0.25], Math.sin(x * 140 + y * 90) * Math.sin(y * 170) + 0.4);
  return y < HORIZON ? sky(x, y) : sea(x, y);
}

function sky(x: number, y: number): Colour {
  const sun = Math.hypot((x - 0.76) * 1.2, y - 0.62);
  if (sun < 0.075) return [1, 0.86, 0.55];
  const dusk = mix([0.1, 0.12, 0.32], [0.98, 0.52, 0.3], (y / HORIZON) ** 1.8);
  const glow = mix(dusk, [1, 0.8, 0.5], 0.5 * Math.exp(-((sun - 0.075) * 9)));
  const isBeam = x > 0.39 && Math.abs(y - 0.295 + (x - 0.39) * 0.16) < 0.012 + (x - 0.39) * 0.13;
  return isBeam ? mix(glow, [1, 0.95, 0.7], 0.45 * (1.2 - x)) : glow;
}

function sea(x: number, y: number): Colour {
  const depth = (y - HORIZON) / (1 - HORIZON);
  const wave = Math.sin((x * 60 + Math.sin(y * 80) * 2) / (0.4 + depth)) * Math.sin((y * 300) / (0.6 + depth));
  const water = mix([0.5, 0.32, 0.32], [0.05, 0.12, 0.22], depth ** 0.6);
  const path = Math.exp(-(((x - 0.76) / (0.05 + depth * 0.12)) ** 2));
  return mix(water, [1, 0.75, 0.45], Math.max(0, wave) * (0.12 + 0.75 * path));
}

function mix(a: Colour, b: Colour, share: number): Colour {
  const part = Math.min(1, Math.max(0, share));
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

/** Rows of RGB bytes, each behind its filter byte 0, as a PNG file (PNG 1.2, sections 3 and 4). */
function png(rows: Buffer, { width, height }: Painting): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const out = Buffer.alloc(data.length + 12);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    out.set(data, 8);
    out.writeUInt32BE(crc32(out, 4, data.length + 8), data.length + 8);
    return out;
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
