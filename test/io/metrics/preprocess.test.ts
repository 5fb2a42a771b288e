import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { decode } from '../../../src/io/metrics/decode.ts';
import { type Picture, pictureOf } from '../../../src/io/metrics/picture.ts';
import { preprocess } from '../../../src/io/metrics/preprocess.ts';
import { resizeBicubic } from '../../../src/io/metrics/resize.ts';
import { withCorpus } from '../../corpus.ts';
import { paint, random } from './images.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Images of random bytes resized by Pillow 13.0: seed, sizes, digests of the RGB result and of the red channel alone. */
const PILLOW: readonly (readonly [number, number, number, number, number, string, string])[] = [
  [
    1,
    64,
    48,
    17,
    13,
    '9afd42a2ad97439ee902c57ed27e89114b09cd77a04062fb23ea762d4cce7197',
    'dfa6cc3a44a5296f6b320682ba29fb878122ccee460488b3661d170d44ba0e33',
  ],
  [
    2,
    33,
    91,
    224,
    224,
    'd5df33ffae352424e56ce86148f2671a2e8b2823eccf8732420f6a5c198ad214',
    'a22d73fdda0fbc2ac013ad9727deaf064702eb2ffe71f8376eedd2c62b0c29e6',
  ],
  [
    3,
    300,
    200,
    336,
    224,
    '140aa4394c3d13057335322cc547f83d44fcd1c3ad73802f680c16a48ceb5230',
    '957e688af6a52968bd98c15e11b88188d80dec9f97cc9527a315ce2d3511daf3',
  ],
  [
    4,
    512,
    384,
    298,
    224,
    '0aa887a55a27121584e2be7c7c05b86087060e3b1dd437e2587823dbeefa1af1',
    '2f0ccadcbbc7b1d38b8b67e301b7b382302c2b239b85c3643d899f5cc6eb24ec',
  ],
  [
    5,
    5,
    7,
    3,
    11,
    '0d235926dd600b2ae02acf2355f540bd5442ca00dff2fd19076ff0aea66a93f8',
    'adb9a4d580be037db386e8401294304ad2f97511ad4a1455fedcd6d108e1ad6e',
  ],
  [
    6,
    1,
    1,
    9,
    8,
    '0a08039d80f33addeec588c05ebc74b7104024c331e8825528cccf41cd826c88',
    'a46981323587f71b62dcdb365fe61a0a0998b5f78b7a697e8b66a55af746dd52',
  ],
  [
    7,
    1024,
    640,
    358,
    224,
    '579bb1a03d146900d22364ee57c7dcf96fa168de92a17a084b2c7de07e154dd8',
    '1e326b19a4b69f51cc6c2b688c23556de169aa17ecfac066324d3457d3e4bc33',
  ],
  [
    8,
    100,
    100,
    100,
    37,
    '30de195c84dc0cf6c4ee288855efeada518ea18c010fc0386807239ff4f13e21',
    'c5c4d345c5b2040e3256ff8710e6b427b989ac5a9da04314745a2ed5be40d05a',
  ],
  [
    9,
    100,
    100,
    31,
    100,
    'ba00d0e7c144b75588bc34032e5022f331e37a5d571b30a5dc8c3bc7dd23dd38',
    'acb24d5fd01af48511c4a575b95c3b1917bd215fb99de4cba6f8b3e290ef7ee1',
  ],
  [
    10,
    224,
    224,
    224,
    224,
    '6f470b3b94e3866683af447f3cf57dea0b981d6ef611ff3bfa3385fb4e7bde3f',
    'a0b6ab2f408774fcad1703809e651e384e644e538a8ab2cfc098c90a17e25690',
  ],
  [
    11,
    701,
    997,
    224,
    318,
    '9a46b14b7509f0642073c657d1c9933cb019d70ee518e4c75703eebdb18a95e4',
    'd170a23de7f3ceb1d5db7c63e5063ed02cf73e95c51872430168630ec5fddcbd',
  ],
  [
    12,
    2,
    300,
    9,
    8,
    '6cebdaa21560a73202cc7e669cb60b08d88a1c9f66e5333aba699e900dfa455f',
    'b8ae7fdc25f299d85e833a5fb851216a4b4ab4a0d1e3c3ad95e21da3c01e0339',
  ],
  [
    13,
    100,
    150,
    90,
    130,
    '4b50306b4c0b49eaed84a3ad29ecde9ffa9c779ec6cb92e36a06649a440edf62',
    'eebfdfc6485e303456df35850c052bdfde7ef682ee298232140085edb9c7ff22',
  ],
  [
    14,
    100,
    151,
    75,
    100,
    '3bf95ce2104de9b1d9d4ac7c79e6de38e1c9bc90c02ebee538bb0c730fdbe1ca',
    '9f63a3df3f38e8cf3607fbc974764fe6214e0a91c68321d9c78289dc1f4c491e',
  ],
  [
    15,
    300,
    900,
    224,
    672,
    'd123c25174f70e91341d05502c249d3432e54e561968b6c7ce9a649efedd96ce',
    'a774a8aa90205d046f1cca12d6a32682c8df789200c6a54221ca7d790a6f0a03',
  ],
  [
    16,
    60,
    40,
    90,
    30,
    '30257a8829596e825f29dc5e612100e0cb23d485d73e1f3fc575c87726c25473',
    '8c228d87ef374a9ad1f87d37b0f379a50715a633d23d021eb844f027eefd72e2',
  ],
  [
    17,
    40,
    20,
    90,
    30,
    '37662074e398b30e1b9b378db1896424c078acd154fe98749888019fe1c6bae2',
    '06ebff6f7f97634d7b715712a3a71e37436cd4fd1a76f460976e4c51e778f8bd',
  ],
];

/** CLIP's crop by Pillow 13.0: seed, size, digest of the cropped bytes, normalised values at four places. */
const CROPS: readonly (readonly [number, number, number, string, readonly number[]])[] = [
  [
    21,
    300,
    200,
    'c96d600845eeb364271eb24320a97fdadcdac2f2d9854561c739a7c4e4da6634',
    [-0.33241987228393555, 1.3995342254638672, 1.3211332559585571, 0.996036946773529],
  ],
  [
    22,
    97,
    250,
    'cbdb746de70f24779f59b5dd0547e9bcb4464b3f617f0df97d67f11c19c0a4fd',
    [0.003343905322253704, -0.8966543078422546, -0.6981161236763, -1.1353334188461304],
  ],
  [
    23,
    224,
    224,
    '143e907072ac6311471f5659b06f57dedcc8507dc59509d57a57bac3431caeba',
    [-1.4564987421035767, 0.8742623925209045, 1.0651720762252808, -0.8287663459777832],
  ],
  [
    24,
    640,
    479,
    'e82e4312296c22d2aaf98d662cb6ef7a7c7b1b6f1a2aef2009d36ef7daebc061',
    [0.16392669081687927, 0.4540448784828186, 0.2972884774208069, 0.5872810482978821],
  ],
];

const PLACES = [
  [0, 0, 0],
  [1, 100, 50],
  [2, 223, 223],
  [0, 17, 200],
] as const;

function bytes(seed: number, width: number, height: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: width * height * 3 }, () => Math.floor(next() * 256));
}

it.each(PILLOW)(
  'the bicubic resize equals Pillow: seed %i, %ix%i to %ix%i [MT-7]',
  (seed, width, height, w, h, rgb, red) => {
    const samples = bytes(seed, width, height);
    expect(sha256(resizeBicubic(samples, 3, { width, height }, { width: w, height: h }))).toBe(rgb);
    const grey = samples.filter((_, i) => i % 3 === 0);
    expect(sha256(resizeBicubic(grey, 1, { width, height }, { width: w, height: h }))).toBe(red);
  },
);

/** The 8-bit crop behind normalised values, row by row. */
function crop(pixels: Float32Array, side: number): Uint8Array {
  const mean = [0.48145466, 0.4578275, 0.40821073];
  const std = [0.26862954, 0.26130258, 0.27577711];
  return Uint8Array.from({ length: pixels.length }, (_, i) => {
    const c = i % 3;
    return Math.round((pixels[c * side * side + Math.floor(i / 3)]! * std[c]! + mean[c]!) * 255);
  });
}

it.each(CROPS)('CLIP pixels equal the reference: seed %i, %ix%i [MT-7]', (seed, width, height, digest, values) => {
  const pixels = preprocess(pictureOf(width, height, bytes(seed, width, height)), 'clip-224-pil-bicubic@1');
  expect(sha256(crop(pixels, 224))).toBe(digest);
  for (const [i, [c, y, x]] of PLACES.entries()) expect(pixels[(c * 224 + y) * 224 + x]).toBeCloseTo(values[i]!, 5);
});

/** HPSv2's padded square by torch 2.13: seed, size, values at five places, their sum and the sum of their squares. */
const SQUARES: readonly (readonly [number, number, number, readonly number[], number, number])[] = [
  [31, 300, 200, [-1.792263, -0.28643, 1.047652, 0.159649, 1.012933], -65772.199, 190149.1],
  [32, 97, 251, [-1.792263, -1.051592, 0.516017, -1.792263, -1.752097], -143227.75, 299178.225],
  [33, 224, 224, [0.251517, 0.514076, 0.311509, 0.426698, -1.301864], 27954.726, 182572.692],
  [34, 640, 479, [-1.792263, -0.204122, 0.140475, 0.33005, -0.101139], -41778.516, 122390.14],
  [35, 50, 100, [-1.792263, -0.98766, 0.291457, -1.391293, -1.752097], -112177.2, 274606.528],
];

const SQUARE_PLACES = [
  [0, 0, 0],
  [1, 112, 112],
  [2, 100, 90],
  [0, 180, 60],
  [1, 112, 223],
] as const;

it.each(SQUARES)('HPS pixels equal torch: seed %i, %ix%i [MT-7]', (seed, width, height, values, sum, squares) => {
  const pixels = preprocess(pictureOf(width, height, bytes(seed, width, height)), 'hps-224-torch-bicubic@1');
  for (const [i, [c, y, x]] of SQUARE_PLACES.entries())
    expect(pixels[(c * 224 + y) * 224 + x]).toBeCloseTo(values[i]!, 4);
  const total = pixels.reduce((a, b) => a + b, 0);
  const power = pixels.reduce((a, b) => a + b * b, 0);
  expect(Math.abs(total - sum)).toBeLessThan(0.05);
  expect(Math.abs(power - squares)).toBeLessThan(0.2);
});

it('takes the smallest and the narrowest images', () => {
  for (const id of ['clip-224-pil-bicubic@1', 'clip-336-pil-bicubic@1', 'hps-224-torch-bicubic@1'] as const) {
    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [700, 2],
      [1, 200_000],
      [200_000, 1],
    ] as const) {
      const pixels = preprocess(
        paint(width, height, () => [255, 255, 255]),
        id,
      );
      expect(pixels.every(Number.isFinite)).toBe(true);
      // White stays white in the middle, whatever is around it.
      const side = Math.sqrt(pixels.length / 3);
      const middle = Math.floor((side - 1) / 2);
      expect(pixels[middle * side + middle]).toBeCloseTo((1 - 0.48145466) / 0.26862954, 4);
    }
  }
});

withCorpus('metrics-ref', (folder) => {
  const crops: Readonly<Record<string, string>> = {
    'blur.png': '19448e6d3c8b6d56313ccc3757c929b8dee39765e3020038c8a42ef91a149976',
    'jpeg10.png': '6aa78bb7aa95ea1172eb9e9be02a22ae74b452f01339d39d8a64edd5d09858cf',
    'noise.png': '33c393b1006b96305c3be0c1b7db0b30e05cfea36de6359acd93fb98208dce6a',
    'overexposed_seam.png': '6cefc84b1cfd8b3138228fc6afe145af783f08bc764ae6e6a039f32982a92301',
    'pink.png': 'a9cf8390923686fa1c97aeeb91e30f053b9c7d8ca4fc39a8fc4cfe78ea3e4d7c',
    'shapes.png': 'd52760cb2e534f50bf4d9ec51fc7d24214804066a641af063be214b4f39d0cfb',
  };
  it.each(Object.entries(crops))('CLIP pixels of %s', async (file, digest) => {
    const decoded = await decode({ path: `${folder}/${file}` });
    const image = (decoded as { frames: readonly Picture[] }).frames[0]!;
    expect(sha256(crop(preprocess(image, 'clip-224-pil-bicubic@1'), 224))).toBe(digest);
  });
});
