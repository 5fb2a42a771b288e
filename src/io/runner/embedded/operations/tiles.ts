import { image, int, tensorOf } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { crop } from '../pixels/resize.ts';
import { roundHalfEven } from '../python.ts';
import { size, type Tensor, type Value, zeros } from '../values.ts';

const f = Math.fround;
/** Tiles of one image. */
const MOST_TILES = 10_000;

type Place = readonly [left: number, top: number, right: number, bottom: number];

export const splitImageToTileList: Operation = {
  classType: 'SplitImageToTileList',
  run(inputs) {
    const source = image(inputs, 'image');
    const tile = [int(inputs, 'tile_width'), int(inputs, 'tile_height')] as const;
    const all = places(size(source, 2), size(source, 1), tile, int(inputs, 'overlap'));
    return { outputs: [all.map(([left, top, right, bottom]) => crop(source, left, top, right - left, bottom - top))] };
  },
};

/** Where tiles lie, row by row; the last of a row or column ends at the border. Throws a NodeFailure for too many. */
function places(width: number, height: number, tile: readonly [number, number], overlap: number): Place[] {
  const across = starts(width, tile[0], overlap);
  const down = starts(height, tile[1], overlap);
  if (across.length * down.length > MOST_TILES) {
    throw new NodeFailure('MemoryError', `the image would have more than ${MOST_TILES} tiles`);
  }
  return down.flatMap(([top, bottom]) => across.map(([left, right]): Place => [left, top, right, bottom]));
}

function starts(length: number, tile: number, overlap: number): [from: number, to: number][] {
  const step = Math.max(1, roundHalfEven(Math.max(tile * 0.25, tile - overlap)));
  const found: [number, number][] = [];
  for (let at = 0; at < length && found.length <= MOST_TILES; at += step) {
    const end = Math.min(at + tile, length);
    found.push([Math.max(0, end - tile), end]);
    if (end >= length) break;
  }
  return found;
}

export const imageMergeTileList: Operation = {
  classType: 'ImageMergeTileList',
  run(inputs) {
    const tiles = (inputs['image_list'] as readonly Value[]).map((one) => tensorOf(one, 4));
    const first = (name: string) => int({ [name]: (inputs[name] as readonly Value[])[0]! }, name);
    const [width, height, overlap] = [first('final_width'), first('final_height'), first('overlap')];
    const [batch, tileHeight, tileWidth, channels] = tiles[0]!.shape as [number, number, number, number];
    const canvas = zeros(batch, height, width, channels);
    const weights = zeros(1, height, width, 1);
    const mask = fading(tileHeight, tileWidth, overlap);
    places(width, height, [tileWidth, tileHeight], overlap).forEach((place, i) => {
      if (tiles[i]) add(canvas, weights, tiles[i], place, mask, tileWidth);
    });
    for (let i = 0; i < canvas.data.length; i++) {
      const weight = weights.data[Math.floor(i / channels) % weights.data.length]!;
      canvas.data[i] = canvas.data[i]! / (weight === 0 ? 1 : weight);
    }
    return { outputs: [canvas] };
  },
};

function add(
  canvas: Tensor,
  weights: Tensor,
  tile: Tensor,
  [left, top, right, bottom]: Place,
  mask: Float32Array,
  maskWidth: number,
): void {
  const [batch, height, width, channels] = canvas.shape as [number, number, number, number];
  const rows = Math.min(bottom - top, size(tile, 1));
  const columns = Math.min(right - left, size(tile, 2));
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const weight = mask[y * maskWidth + x]!;
      weights.data[(top + y) * width + left + x]! += weight;
      for (let b = 0; b < batch; b++) {
        const to = ((b * height + top + y) * width + left + x) * channels;
        const from = ((b * size(tile, 1) + y) * size(tile, 2) + x) * channels;
        for (let c = 0; c < channels; c++) canvas.data[to + c]! += f(tile.data[from + c]! * weight);
      }
    }
  }
}

/** How much each pixel of a tile counts: half a sine along both sides, where tiles lie over each other. */
function fading(height: number, width: number, overlap: number): Float32Array {
  const out = new Float32Array(height * width).fill(1);
  if (overlap <= 0) return out;
  const wave = (length: number) =>
    Float32Array.from({ length }, (_, i) => {
      const at = i < Math.floor(length / 2) ? i / (length - 1) : 1 - (length - 1 - i) / (length - 1);
      return Math.max(f(1e-5), Math.sin(f(f(Math.PI) * f(length === 1 ? 0 : at))));
    });
  const [down, across] = [wave(height), wave(width)];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[y * width + x] = down[y]! * across[x]!;
  return out;
}
