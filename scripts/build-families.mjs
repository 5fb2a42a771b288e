// Builds what cwf ships of model families from a folder of facts (families.json, files.json):
//   node scripts/build-families.mjs <folder>
// Kept are the facts that a search space needs: ranges, samplers, sizes, frames, the variants by their official values,
// and which file is of which family. Each family is one line of JSON, so that a change of one shows as one line.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the file names of a variant look like, by family and variant; the others are told by their values alone. */
const NAMES = {
  'sdxl/base+refiner': 'refiner',
  'sdxl/turbo': 'turbo',
  'sdxl/lightning': 'lightning',
  'sdxl/hyper': 'hyper',
  'sd3.5/large-turbo': 'large.?turbo',
  'sd3.5/medium': 'medium',
  'flux1/schnell': 'schnell',
  'flux1/krea-dev': 'krea',
  'flux1/kontext-dev': 'kontext',
  'flux1/fill-dev': 'fill',
  'flux1/canny-dev': 'canny',
  'flux1/depth-lora': 'depth',
  'flux2/dev+turbo-lora': 'turbo',
  'flux2-klein/4b-distilled': 'klein(?!.*base)',
  'z-image/turbo': 'turbo',
  'hidream/dev': '_dev',
  'hidream/fast': '_fast',
  'wan2.2-14b/animate': 'animate',
  'wan2.2-14b/s2v': 's2v',
};

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: build-families.mjs <folder>');
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const { families, generated_from: from } = read('families.json');
const kept = families.filter(({ execution }) => execution === 'local').map(familyOf);
const files = read('files.json')
  .files.filter(({ family, directory }) => family && ['checkpoints', 'diffusion_models'].includes(directory))
  .map(({ name, family }) => `${name}\t${family}`)
  .sort();
mkdirSync('src/core/families/data', { recursive: true });
writeFileSync(
  'src/core/families/data/families.ts',
  `// Made by scripts/build-families.mjs from the official templates and engines: ${from.join('; ')}.\n` +
    '// Sizes, defaults and rules are read there; ranges are engineering priors around the official values.\n' +
    `export const FAMILIES = [\n${kept.map((one) => `  ${JSON.stringify(JSON.stringify(one))},`).join('\n')}\n].join('\\n');\n` +
    `export const FILES = [\n${files.map((one) => `  ${JSON.stringify(one)},`).join('\n')}\n].join('\\n');\n`,
);
console.log(`${kept.length} families, ${files.length} files`);

function familyOf({ id, title, media, ranges, resolution, frames, guidance, variants }) {
  const { multiple, presets, max_direct: side, max_area: area } = resolution;
  return {
    id,
    title: title.replace(/ \(.*\)$/, ''),
    media: media.split('+')[0],
    guidance: guidance.kind,
    ...rangesOf(ranges),
    multiple,
    sizes: presets,
    most_pixels: area ?? (side ? side * side : Math.max(...presets.map(([w, h]) => w * h))),
    ...(frames
      ? { frames: { every: frames.multiple, from: frames.offset, least: frames.min, most: frames.max_native } }
      : {}),
    variants: (variants ?? [])
      .map((variant) => variantOf(id, variant, guidance.kind))
      .filter((one) => one !== undefined),
  };
}

function variantOf(family, { id, defaults, ranges = {} }, guidance) {
  const name = NAMES[`${family}/${id}`];

  if (!name) return undefined;
  const { steps, cfg } = defaults;
  // A model that takes cfg 1 where its family takes more has its guidance distilled into it.
  const few = steps !== undefined && steps <= 16;
  const distilled = (guidance === 'cfg' && cfg === 1) || (guidance === 'embedded' && few);
  return { id, name, ...(distilled ? { distilled: true, steps } : {}), ranges: rangesOf(ranges) };
}

function rangesOf({ steps, cfg, guidance, shift, max_shift, split_ratio, denoise_i2i, sampler, scheduler }) {
  const given = { steps, cfg, guidance, shift, max_shift, split: split_ratio, denoise: denoise_i2i };
  const numbers = Object.entries(given).flatMap(([name, range]) => {
    if (range === undefined) return [];
    const [low, high] = Array.isArray(range) ? [Math.min(...range), Math.max(...range)] : [range.min, range.max];
    return [[name, { low, high, ...(range.step ? { step: range.step } : {}) }]];
  });
  return {
    numbers: Object.fromEntries(numbers),
    ...(sampler ? { sampler } : {}),
    ...(scheduler ? { scheduler } : {}),
  };
}
