import type { InputDefinition } from '../../catalog/catalog.ts';
import type { EngineRules } from './engine-rules.ts';

/**
 * The files of a server: folder -> names, as `GET /models/<folder>` lists them; `input`, `output` and `temp` are the
 * folders that a prompt reads pictures from. Folders go by `/` in names.
 */
export type ServerFiles = ReadonlyMap<string, readonly string[]>;

/** Older names of folders, which mean the newer ones. */
const LEGACY: Readonly<Record<string, string>> = { diffusion_models: 'unet', text_encoders: 'clip' };
/** Files that come with the engine. */
const CONFIGS: readonly string[] = [
  'anything_v3.yaml',
  'v1-inference.yaml',
  'v1-inference_clip_skip_2.yaml',
  'v1-inference_clip_skip_2_fp16.yaml',
  'v1-inference_fp16.yaml',
  'v1-inpainting-inference.yaml',
  'v2-inference-v.yaml',
  'v2-inference-v_fp32.yaml',
  'v2-inference.yaml',
  'v2-inference_fp32.yaml',
  'v2-inpainting-inference.yaml',
];
const MODEL_3D = /\.(gltf|glb|obj|fbx|stl|spz|splat|ply|ksplat)$/i;
const DOCUMENT = /\.(txt|pdf)$/;
/** Decoders of previews that serve as a VAE when both of their files are there, and those that are one file. */
const PAIRED_VAES: readonly string[] = ['taesd', 'taesdxl', 'taesd3', 'taef1'];
const NEWER_PAIRED_VAES: readonly string[] = [...PAIRED_VAES, 'taef2'];
const VIDEO_VAE = /^(taehv|lighttaew2_2|lighttaew2_1|lighttaehy1_5|taeltx_2|taeh3)/;

/** What a list of files offers: the files of its folder, and what the class itself adds. */
export function listedFiles(
  classType: string,
  input: InputDefinition,
  files: ServerFiles,
  rules: EngineRules,
): readonly string[] {
  const folder = String(input.options.files);
  const names = inFolder(folder, files);
  if (classType === 'VAELoader') return [...names, ...previewVaes(inFolder('vae_approx', files), rules), 'pixel_space'];
  if (classType === 'TrainLoraNode') return [...names, '[None]'];
  if (folder === 'configs') return [...CONFIGS, ...names];
  if (folder === 'input3d') return ['none', ...inFolder('input', files).filter((name) => isModel3d(name))];
  if (folder === 'inputdir') return subfolders(inFolder('input', files));
  if (folder !== 'input') return names;
  const top = names.filter((name) => !name.includes('/'));
  return /InputFiles$/.test(classType) ? top.filter((name) => DOCUMENT.test(name)) : top;
}

function inFolder(folder: string, files: ServerFiles): readonly string[] {
  const legacy = LEGACY[folder];
  return [...(files.get(folder) ?? []), ...((legacy && files.get(legacy)) || [])];
}

function isModel3d(name: string): boolean {
  return name.startsWith('3d/') && MODEL_3D.test(name);
}

/** Every folder below the input folder; `3d` is made by the engine itself. */
function subfolders(names: readonly string[]): string[] {
  const folders = new Set(['3d']);
  for (const name of names) {
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) folders.add(name.slice(0, at));
  }
  return [...folders];
}

function previewVaes(names: readonly string[], rules: EngineRules): string[] {
  const paired = rules.checksNamedCombos ? NEWER_PAIRED_VAES : PAIRED_VAES;
  const halves = (name: string, half: string) => names.some((one) => one.startsWith(`${name}_${half}.`));
  const both = paired.filter((name) => halves(name, 'encoder') && halves(name, 'decoder'));
  return rules.checksNamedCombos ? [...both, ...names.filter((name) => VIDEO_VAE.test(name))] : both;
}
