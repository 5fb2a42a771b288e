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
const DOCUMENT = /\.(txt|pdf)$/;
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
  if (folder === 'input3d') return models3d(rules.models3d[classType] ?? [], inFolder('input', files), rules);
  if (folder === 'inputdir') return subfolders(inFolder('input', files));
  if (folder !== 'input') return names;
  const top = names.filter((name) => !name.includes('/'));
  return /InputFiles$/.test(classType) ? top.filter((name) => DOCUMENT.test(name)) : top;
}

function inFolder(folder: string, files: ServerFiles): readonly string[] {
  const legacy = LEGACY[folder];
  return [...(files.get(folder) ?? []), ...((legacy && files.get(legacy)) || [])];
}

function models3d(endings: readonly string[], names: readonly string[], rules: EngineRules): string[] {
  const models = names.filter((name) => name.startsWith('3d/') && endings.includes(endingOf(name)));
  return rules.noneIsModel3d ? ['none', ...models] : models;
}

function endingOf(name: string): string {
  return /[^/](\.[^./]*)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** Every folder below the input folder; `3d` is made by the engine itself. */
function subfolders(names: readonly string[]): string[] {
  const folders = new Set(['3d']);
  for (const name of names) {
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) folders.add(name.slice(0, at));
  }
  return [...folders];
}

function previewVaes(names: readonly string[], { pairedVaes, videoVaes }: EngineRules): string[] {
  const hasHalf = (name: string, half: string) => names.some((one) => one.startsWith(`${name}_${half}.`));
  const both = pairedVaes.filter((name) => hasHalf(name, 'encoder') && hasHalf(name, 'decoder'));
  return [...both, ...names.filter((name) => videoVaes.some((one) => name.startsWith(one)))];
}
