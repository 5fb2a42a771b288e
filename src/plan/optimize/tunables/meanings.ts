import type { DeclaredInput } from '../../../core/catalog/declared-inputs.ts';
import type { NumberRange } from '../../../core/families/families.ts';
import type { LiveNode } from './live.ts';
import type { Meaning } from './tunable.ts';

/** What is known of an input by its meaning, before any model is looked at. */
export interface Known {
  readonly meaning: Meaning;
  /** The word that a parameter is called by. */
  readonly word: string;
  /** Where it is worth looking, inside what the node takes; absent where family or current value say it. */
  readonly range?: NumberRange & { readonly log?: true };
}

/**
 * Filters and other steps that need no model: class and input. Ranges are where the effect is of use: a blur radius of
 * 31 is possible and nobody's choice. Ends, steps and options of the node itself hold as well.
 */
const IMAGE: Readonly<Record<string, Omit<Known, 'meaning' | 'word'>>> = {
  'AdjustBrightness.factor': { range: { low: 0.5, high: 1.5, step: 0.05 } },
  'AdjustContrast.factor': { range: { low: 0.5, high: 1.5, step: 0.05 } },
  'Canny.high_threshold': { range: { low: 0.2, high: 0.95, step: 0.05 } },
  'Canny.low_threshold': { range: { low: 0.05, high: 0.6, step: 0.05 } },
  'ColorTransfer.method': {},
  'ColorTransfer.strength': { range: { low: 0, high: 1.5, step: 0.05 } },
  'FeatherMask.bottom': { range: { low: 0, high: 128, step: 8 } },
  'FeatherMask.left': { range: { low: 0, high: 128, step: 8 } },
  'FeatherMask.right': { range: { low: 0, high: 128, step: 8 } },
  'FeatherMask.top': { range: { low: 0, high: 128, step: 8 } },
  'GrowMask.expand': { range: { low: -32, high: 64, step: 2 } },
  'ImageAddNoise.strength': { range: { low: 0, high: 0.5, step: 0.01 } },
  'ImageBlend.blend_factor': { range: { low: 0, high: 1, step: 0.05 } },
  'ImageBlend.blend_mode': {},
  'ImageBlur.blur_radius': { range: { low: 1, high: 15 } },
  'ImageBlur.sigma': { range: { low: 0.1, high: 10, log: true } },
  'ImagePadForOutpaint.feathering': { range: { low: 0, high: 160, step: 8 } },
  'ImageQuantize.colors': { range: { low: 2, high: 256, log: true } },
  'ImageQuantize.dither': {},
  'ImageScale.upscale_method': {},
  'ImageScaleBy.upscale_method': {},
  'ImageScaleToMaxDimension.upscale_method': {},
  'ImageScaleToTotalPixels.upscale_method': {},
  'ImageSharpen.alpha': { range: { low: 0, high: 5, step: 0.05 } },
  'ImageSharpen.sharpen_radius': { range: { low: 1, high: 10 } },
  'ImageSharpen.sigma': { range: { low: 0.1, high: 10, log: true } },
  'LatentUpscale.upscale_method': {},
  'LatentUpscaleBy.upscale_method': {},
  'LTXVPreprocess.img_compression': { range: { low: 0, high: 60, step: 5 } },
  'Morphology.kernel_size': { range: { low: 3, high: 31, step: 2 } },
  'Morphology.operation': {},
  'ResizeAndPadImage.interpolation': {},
  'ThresholdMask.value': { range: { low: 0.05, high: 0.95, step: 0.05 } },
};

const STRENGTH = { low: 0, high: 1.5, step: 0.05 };
const PERCENT = { low: 0, high: 1, step: 0.05 };

/** Inputs that mean one thing on every node that has them. */
const EVERYWHERE: Readonly<Record<string, Known & { readonly type: string }>> = {
  steps: { meaning: 'steps', word: 'steps', type: 'INT' },
  cfg: { meaning: 'cfg', word: 'cfg', type: 'FLOAT' },
  guidance: { meaning: 'guidance', word: 'guidance', type: 'FLOAT' },
  sampler_name: { meaning: 'sampler', word: 'sampler', type: 'COMBO' },
  scheduler: { meaning: 'scheduler', word: 'scheduler', type: 'COMBO' },
  denoise: { meaning: 'denoise', word: 'denoise', type: 'FLOAT' },
  shift: { meaning: 'shift', word: 'shift', type: 'FLOAT' },
  max_shift: { meaning: 'shift', word: 'max_shift', type: 'FLOAT' },
  seed: { meaning: 'seed', word: 'seed', type: 'INT' },
  noise_seed: { meaning: 'seed', word: 'seed', type: 'INT' },
  megapixels: { meaning: 'scale', word: 'megapixels', type: 'FLOAT' },
  scale_by: { meaning: 'scale', word: 'scale', type: 'FLOAT' },
  tile_size: { meaning: 'tile', word: 'tile_size', type: 'INT' },
  strength_model: { meaning: 'lora', word: 'lora', range: STRENGTH, type: 'FLOAT' },
  strength_clip: { meaning: 'lora', word: 'lora_clip', range: STRENGTH, type: 'FLOAT' },
};

const CONTROL: Readonly<Record<string, Known>> = {
  strength: { meaning: 'control', word: 'control', range: STRENGTH },
  start_percent: { meaning: 'control', word: 'control_start', range: PERCENT },
  end_percent: { meaning: 'control', word: 'control_end', range: PERCENT },
};

/** What an input means, by its class, name and type; undefined for what nobody would vary. [SP-3] */
export function meaningOf(node: LiveNode, input: DeclaredInput): Known | undefined {
  const key = `${node.classType}.${input.name}`;
  if (Object.hasOwn(IMAGE, key)) return { meaning: 'image', word: input.name, ...IMAGE[key] };
  const isControl = /^ControlNetApply|^ControlNet.*Apply|ApplyControl/.test(node.classType);
  if (isControl && input.type === 'FLOAT' && Object.hasOwn(CONTROL, input.name)) return CONTROL[input.name];
  if (!Object.hasOwn(EVERYWHERE, input.name)) return framesOf(node, input);
  const { type, ...known } = EVERYWHERE[input.name]!;
  return type === input.type ? known : undefined;
}

/** The sides of a node whose size is that of what is made: latents, and schedules that go by them. */
export function hasSize({ declared, definition, classType }: LiveNode): boolean {
  const sides = ['width', 'height'].every((side) => declared?.byName.get(side)?.type === 'INT');
  if (!sides || !definition) return false;
  return FOLLOWING.has(classType) || definition.outputs.some(({ type }) => type === 'LATENT');
}

/** Classes whose width and height must be those of the latent. */
const FOLLOWING = new Set(['Flux2Scheduler', 'ModelSamplingFlux']);

/** Whether the size of a node only says what the latents of others are. */
export function followsSize({ classType }: LiveNode): boolean {
  return FOLLOWING.has(classType);
}

function framesOf({ definition }: LiveNode, { name, type }: DeclaredInput): Known | undefined {
  const makesLatent = definition?.outputs.some((output) => output.type === 'LATENT');
  const isCount = ['length', 'video_frames'].includes(name) && type === 'INT' && makesLatent;
  return isCount ? { meaning: 'frames', word: 'frames' } : undefined;
}
