import { own } from '../workflow/names.ts';
import { familyOf, familyOfFile, type ModelFamily, type Variant } from './families.ts';

/** What is known of the model that a sampler uses. */
export interface ModelTraits {
  /** Model files on the way to the sampler, nearest first, as the loaders name them. */
  readonly models: readonly string[];
  /** LoRA files that are applied on the way. */
  readonly loras: readonly string[];
  /** Classes of the nodes that load them, or make latents for them. */
  readonly classes: readonly string[];
  /** The `type` of the text encoders' loaders. */
  readonly encoders: readonly string[];
}

/** A family with what spoke for it. */
export interface DetectedModel {
  readonly family: ModelFamily;
  readonly variant?: Variant;
  /** `file`: the name of an official file; `name`: how a name is built; `nodes`: what stands around the model. */
  readonly by: 'file' | 'name' | 'nodes';
  /** The file or node that says so. */
  readonly evidence: string;
}

/** A model that makes its picture in few steps, or without cfg: how many steps, where a name says it, and what says so. */
export interface Distilled {
  readonly steps?: number;
  readonly evidence: string;
}

/**
 * How the names of model files of a family are built, in lower case with `_` for all that is neither letter, digit nor
 * dot. The first that fits counts: `wan2.2_ti2v_5b` before `wan2.2`. Families that are told apart only by what a file
 * holds (a finetune under its own name) are not found, and nothing is guessed for them.
 */
const NAMES: readonly (readonly [name: RegExp, family: string])[] = [
  [/wan_?2[._]?2.*5b/, 'wan2.2-5b'],
  [/wan_?2[._]?2/, 'wan2.2-14b'],
  [/wan_?2[._]?1/, 'wan2.1'],
  [/flux[._]?2.*klein/, 'flux2-klein'],
  [/flux[._]?2/, 'flux2'],
  [/flux[._]?1|flux_(dev|schnell)/, 'flux1'],
  [/qwen_?image(?!_?[2-9]\.)/, 'qwen-image'],
  [/z_?image/, 'z-image'],
  [/chroma(?!.*radiance)/, 'chroma'],
  [/hidream_(i1|e1)/, 'hidream'],
  [/omnigen_?2/, 'omnigen2'],
  [/lumina_?2|netayume/, 'lumina2'],
  [/hunyuan_?video_?1\.5/, 'hunyuan-video-1.5'],
  [/hunyuan_?video/, 'hunyuan-video'],
  [/ltx_?v?_?2(?!b)/, 'ltx-2'],
  [/ltx_?(v|video)/, 'ltxv'],
  [/mochi/, 'mochi'],
  [/kandinsky_?5/, 'kandinsky5'],
  [/sd_?3\.5|stable_diffusion_3\.5/, 'sd3.5'],
  [/sd_?xl|sdxl|pony|illustrious|noobai/, 'sdxl'],
  [/v1_5|sd_?1[._]?5|sd15|dreamshaper_8|realisticvision/, 'sd1.5'],
];

/** Text encoders and latents that one family alone has. */
const NODES: Readonly<Record<string, string>> = {
  'type:flux': 'flux1',
  'type:omnigen2': 'omnigen2',
  'type:hunyuan_video': 'hunyuan-video',
  'type:mochi': 'mochi',
  'type:kandinsky5': 'kandinsky5',
  'type:kandinsky5_image': 'kandinsky5',
  'type:sd3': 'sd3.5',
  QuadrupleCLIPLoader: 'hidream',
  LTXAVTextEncoderLoader: 'ltx-2',
  EmptyMochiLatentVideo: 'mochi',
  EmptyHunyuanVideo15Latent: 'hunyuan-video-1.5',
  Wan22ImageToVideoLatent: 'wan2.2-5b',
  ADE_ApplyAnimateDiffModelSimple: 'animatediff',
  ADE_AnimateDiffLoaderGen1: 'animatediff',
};

/** Words in the names of models and LoRAs that were trained to need few steps. */
const FEW_STEPS = /turbo|lightning|hyper_?sd|lcm|dmd|distill|schnell|causvid|lightx2v/;
/** More are not few. */
const MOST_FEW = 16;

/**
 * The family of a model, from exact file names, then from how names are built, then from the nodes around it; undefined
 * where nothing speaks for one. The first file counts: it is the one nearest to the sampler. [SP-5]
 */
export function detectFamily(traits: ModelTraits): DetectedModel | undefined {
  const found = familyFrom(traits);
  const family = found && familyOf(found.id);
  if (!found || !family) return undefined;
  const names = [...traits.models, ...traits.loras].map(plainName);
  const variant = family.variants.find((one) => names.some((name) => new RegExp(one.name).test(name)));
  return { family, ...(variant ? { variant } : {}), by: found.by, evidence: found.evidence };
}

/** Whether the steps, and with them cfg, belong to the model: by its variant, or by the name of a file. [SP-6] */
export function detectDistilled(traits: ModelTraits, detected: DetectedModel | undefined): Distilled | undefined {
  const { models, loras } = traits;
  for (const file of [...loras, ...models]) {
    const steps = Number(/(\d+)_?steps?/.exec(plainName(file))?.[1]);
    if (steps >= 1 && steps <= MOST_FEW) return { steps, evidence: file };
  }
  // A LoRA made for a fast model has that model's name, and is not what makes it fast.
  const fast = [...models, ...loras].find((file) => FEW_STEPS.test(plainName(file)));
  if (fast !== undefined) return { evidence: fast };
  const { variant } = detected ?? {};
  const named = [...models, ...loras].find((file) => variant && new RegExp(variant.name).test(plainName(file)));
  return variant?.distilled && named !== undefined ? { evidence: named } : undefined;
}

function familyFrom({ models, classes, encoders }: ModelTraits):
  | {
      readonly id: string;
      readonly by: DetectedModel['by'];
      readonly evidence: string;
    }
  | undefined {
  const motion = classes.find((name) => own(NODES, name) === 'animatediff');
  if (motion !== undefined) return { id: 'animatediff', by: 'nodes', evidence: motion };
  for (const file of models) {
    const exact = familyOfFile(file.split(/[\\/]/).at(-1)!);
    if (exact !== undefined) return { id: exact, by: 'file', evidence: file };
  }
  for (const file of models) {
    const built = NAMES.find(([name]) => name.test(plainName(file)));
    if (built) return { id: built[1], by: 'name', evidence: file };
  }
  for (const word of [...encoders.map((type) => `type:${type}`), ...classes]) {
    const id = own(NODES, word);
    if (id !== undefined) return { id, by: 'nodes', evidence: word.replace(/^type:/, 'text encoder of type ') };
  }
  return undefined;
}

/** The name of a file without its folder and ending, in lower case, `_` between the words. */
function plainName(file: string): string {
  const base = file.split(/[\\/]/).at(-1)!.toLowerCase();
  return base.replace(/\.(safetensors|sft|ckpt|pt|pth|gguf|bin)$/, '').replace(/[^a-z0-9.]+/g, '_');
}
