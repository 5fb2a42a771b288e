import { CwfError } from '../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { parseJson } from '../../../base/json-parse.ts';
import { MODEL_KINDS, type ModelKind } from '../metric.ts';
import { isPreprocess, type PreprocessId } from '../preprocess.ts';

/** What a file is for. */
export type Role = 'image' | 'text' | 'tokenizer' | 'tokenizer-config' | 'head' | 'weights';

/** One file of a model, by its place below a folder of models. */
export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  readonly role: Role;
}

/** A model that the user supplies, pinned to the byte. */
export interface ModelManifest {
  readonly id: string;
  readonly kind: ModelKind;
  readonly files: readonly ModelFile[];
  readonly preprocess: PreprocessId;
  /** Names of the embeddings among the outputs of the two networks. */
  readonly outputs: { readonly image: string; readonly text: string };
  /** Natural logarithm of what a cosine is multiplied with; only reward models have it. */
  readonly logitScale?: number;
  readonly licence: string;
  readonly source: { readonly hub: string; readonly repo: string; readonly revision: string };
}

/** What files are for when the manifest does not say, by their names in the layout of exported CLIP models. */
const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/^vision_model.*\.onnx$/, 'image'],
  [/^text_model.*\.onnx$/, 'text'],
  [/^tokenizer\.json$/, 'tokenizer'],
  [/^tokenizer_config\.json$/, 'tokenizer-config'],
  [/\.safetensors$/, 'head'],
  [/\.onnx[._]data$/, 'weights'],
];

/** Roles that a model of a kind cannot do without. */
const NEEDED: Readonly<Record<ModelKind, readonly Role[]>> = {
  clip: ['image'],
  'aesthetic-v1': ['image', 'head'],
  'aesthetic-v2': ['image', 'head'],
  'pick-score': ['image', 'text', 'tokenizer'],
  'hps-v2': ['image', 'text', 'tokenizer'],
};

/** Reads one manifest or a list of them. Throws MODEL_MANIFEST with the place that is wrong, and what parseJson throws. */
export function readManifests(text: string | Uint8Array, source: string): readonly ModelManifest[] {
  const json = parseJson(text, { source, maxBytes: 1 << 20 });
  const list = Array.isArray(json) ? json : [json];
  const manifests = list.map((one, at) => readManifest(one, source, Array.isArray(json) ? `[${at}]` : ''));
  const twice = manifests.find(({ id }, at) => manifests.findIndex((other) => other.id === id) !== at);
  if (twice) throw new CwfError('MODEL_MANIFEST', { source, reason: `the id ${twice.id} stands twice` });
  return manifests;
}

function readManifest(json: Json, source: string, place: string): ModelManifest {
  const fail = (reason: string) =>
    new CwfError('MODEL_MANIFEST', { source, reason: `${place || 'manifest'}: ${reason}` });
  if (!isObject(json)) throw fail('it is no object');
  const id = textOf(json, 'id', fail);
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(id)) throw fail(`id: ${id} is no plain name`);
  const kind = textOf(json, 'kind', fail) as ModelKind;
  if (!MODEL_KINDS.includes(kind)) throw fail(`kind: ${kind} is none of ${MODEL_KINDS.join(', ')}`);
  const preprocess = textOf(json, 'preprocess', fail);
  if (!isPreprocess(preprocess)) throw fail(`preprocess: ${preprocess} is not known`);
  const { files, outputs = {}, logit_scale: logitScale, source: from } = json;
  if (!Array.isArray(files) || files.length === 0) throw fail('files: it is no list of files');
  if (!isObject(outputs)) throw fail('outputs: it is no object');
  if (!isObject(from)) throw fail('source: it is no object');
  if (logitScale !== undefined && (typeof logitScale !== 'number' || Math.abs(logitScale) > 20)) {
    throw fail('logit_scale: it is no number between -20 and 20');
  }
  if (kind === 'pick-score' && logitScale === undefined) throw fail('logit_scale: a pick-score model needs it');
  const read = files.map((file, at) => readFile(file, (reason) => fail(`files[${at}]: ${reason}`)));
  for (const role of NEEDED[kind]) {
    const count = read.filter((file) => file.role === role).length;
    if (count !== 1) throw fail(`files: ${count} of them have the role ${role}, and a ${kind} model has one`);
  }
  return {
    id,
    kind,
    files: read,
    preprocess,
    outputs: {
      image: textOf(outputs, 'image', fail, 'image_embeds'),
      text: textOf(outputs, 'text', fail, 'text_embeds'),
    },
    ...(logitScale === undefined ? {} : { logitScale }),
    licence: textOf(json, 'licence', fail),
    source: {
      hub: textOf(from, 'hub', fail),
      repo: textOf(from, 'repo', fail),
      revision: textOf(from, 'revision', fail),
    },
  };
}

function readFile(json: Json, fail: (reason: string) => CwfError): ModelFile {
  if (!isObject(json)) throw fail('it is no object');
  const path = textOf(json, 'path', fail);
  const parts = path.split('/');
  // Below a folder of models on every system: no drive, no backslash, no way up.
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\:\0]/.test(path)) {
    throw fail(`path: ${path} does not lead below a folder of models`);
  }
  const name = parts.at(-1)!;
  if (/\.(pt|pth|ckpt|bin|pkl|pickle)$/i.test(name))
    throw fail(`path: ${name} may run code when it is read; export it`);
  const sha256 = textOf(json, 'sha256', fail).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw fail('sha256: it has not 64 hex digits');
  const { size, role = ROLES.find(([pattern]) => pattern.test(name))?.[1] } = json;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0)
    throw fail('size: it is no number of bytes');
  if (role === undefined) throw fail(`role: ${name} does not tell what it is for`);
  if (!ROLES.some(([, known]) => known === role)) throw fail(`role: ${String(role)} is not known`);
  return { path, sha256, size, role: role as Role };
}

function textOf(json: JsonObject, key: string, fail: (reason: string) => CwfError, otherwise?: string): string {
  const value = json[key] ?? otherwise;
  if (typeof value !== 'string' || value === '') throw fail(`${key}: it is no text`);
  return value;
}
