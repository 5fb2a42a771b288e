import { readFile } from 'node:fs/promises';
import { CwfError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import type { Picture } from '../picture.ts';
import { preprocess, sideOf } from '../preprocess.ts';
import { foldHead, type Head } from './head.ts';
import type { ModelManifest, Role } from './manifest.ts';
import { type Fail, type InputShape, loadNetwork, type Network, runtimeName } from './network.ts';
import { plainPrompt } from './prompt.ts';
import { readSafetensors } from './safetensors.ts';
import { CONTEXT, loadTokenizer } from './tokens.ts';
import { unit } from './vectors.ts';

/** A text as the model saw it. */
export interface TextEmbedding {
  readonly vector: Float32Array;
  readonly truncated: boolean;
  /** Of the text that was given to the tokenizer. */
  readonly sha256: string;
}

/** What values of a model were made with; values with different ones are not comparable. */
export interface ModelProvenance {
  readonly model: string;
  /** SHA-256 over the digests of its files, sorted. */
  readonly sha256: string;
  readonly preprocess: string;
  readonly runtime: string;
}

/** A model of the CLIP family, loaded. All vectors have length 1. */
export interface ClipModel {
  readonly provenance: ModelProvenance;
  /** What a cosine is multiplied with, in a reward model. */
  readonly scale: number;
  readonly head?: Head;
  embedImage(image: Picture): Promise<Float32Array>;
  /** Many at once, in batches. */
  embedImages(images: readonly Picture[]): Promise<readonly Float32Array[]>;
  /** `prefix` goes before the plain words of the prompt. Throws MODEL_INVALID for a model without a text network. */
  embedText(prompt: string, prefix?: string): Promise<TextEmbedding>;
  release(): Promise<void>;
}

/** Images in one run of a network. */
const BATCH = 8;

/** Texts that are kept embedded. */
const TEXTS = 256;

/**
 * Loads a model whose files were found and checked. Networks are tried for their inputs before anything is measured.
 * Throws MODEL_INVALID naming the file, RUNTIME_MISSING.
 */
export async function loadClip(manifest: ModelManifest, files: ReadonlyMap<Role, string>): Promise<ClipModel> {
  const failAt = (role: Role) => (reason: string) => {
    const file = manifest.files.find((each) => each.role === role)?.path ?? `${role} network`;
    return new CwfError('MODEL_INVALID', { model: manifest.id, file, reason });
  };
  const headPath = files.get('head');
  const head =
    headPath === undefined
      ? undefined
      : foldHead(readSafetensors(await readFile(headPath), failAt('head')), failAt('head'));
  const vision = await loadNetwork(files.get('image')!, failAt('image'));
  try {
    const images = imageEmbedder(vision, manifest, failAt('image'), head && { head, fail: failAt('head') });
    const text = await textEmbedder(manifest, files, failAt);
    const provenance = await provenanceOf(manifest);
    return {
      provenance,
      scale: Math.exp(manifest.logitScale ?? 0),
      ...(head ? { head } : {}),
      embedImage: async (image) => (await images([image]))[0]!,
      embedImages: images,
      embedText: text.embed,
      release: async () => {
        await vision.release();
        await text.release();
      },
    };
  } catch (error) {
    await vision.release();
    throw error;
  }
}

async function provenanceOf({ id, files, preprocess: how }: ModelManifest): Promise<ModelProvenance> {
  const digests = files.map((file) => file.sha256).sort();
  return { model: id, sha256: sha256(digests.join('\n')), preprocess: how, runtime: await runtimeName() };
}

function imageEmbedder(
  vision: Network,
  manifest: ModelManifest,
  fail: Fail,
  against: { readonly head: Head; readonly fail: Fail } | undefined,
): (images: readonly Picture[]) => Promise<readonly Float32Array[]> {
  const side = sideOf(manifest.preprocess);
  const input = vision.inputs[0];
  if (!input || vision.inputs.length !== 1) throw fail(`it has ${vision.inputs.length} inputs, not the pixels alone`);
  if (input.type !== 'float32' || !takes(input, [undefined, 3, side, side])) {
    throw fail(`its input ${shown(input)} does not take float32[N, 3, ${side}, ${side}]`);
  }
  mustName(vision, manifest.outputs.image, fail);
  const known = new WeakMap<Picture, Float32Array>();
  const size = 3 * side * side;
  return async (images) => {
    const fresh = [...new Set(images.filter((image) => !known.has(image)))];
    const most = input.sizes[0] ?? BATCH;
    for (let at = 0; at < fresh.length; at += most) {
      const part = fresh.slice(at, at + most);
      // A network with a fixed batch is fed that many; the surplus is black and not looked at.
      const count = input.sizes[0] ?? part.length;
      const values = new Float32Array(count * size);
      for (const [i, image] of part.entries()) values.set(preprocess(image, manifest.preprocess), i * size);
      const feeds = { [input.name]: { shape: [count, 3, side, side], values } };
      const rows = await vision.run(feeds, manifest.outputs.image);
      if (rows.length !== count) throw fail(`it answers ${rows.length} vectors to ${count} images`);
      if (against && rows[0]!.length !== against.head.weights.length) {
        throw against.fail(`it takes ${against.head.weights.length} values, and the network makes ${rows[0]!.length}`);
      }
      for (const [i, image] of part.entries()) known.set(image, unit(rows[i]!, fail));
    }
    return images.map((image) => known.get(image)!);
  };
}

async function textEmbedder(
  manifest: ModelManifest,
  files: ReadonlyMap<Role, string>,
  failAt: (role: Role) => Fail,
): Promise<{ embed: ClipModel['embedText']; release: () => Promise<void> }> {
  const path = files.get('text');
  const tokenizerPath = files.get('tokenizer');
  if (path === undefined || tokenizerPath === undefined) {
    const fail = failAt(path === undefined ? 'text' : 'tokenizer');
    const embed = () => Promise.reject(fail('the manifest has none, and a prompt is to be scored'));
    return { embed, release: async () => {} };
  }
  const fail = failAt('text');
  const tokenize = await loadTokenizer(tokenizerPath, files.get('tokenizer-config'), failAt('tokenizer'));
  const network = await loadNetwork(path, fail);
  try {
    const ids = network.inputs.find(({ name }) => name === 'input_ids');
    const others = network.inputs.filter(({ name }) => name !== 'input_ids' && name !== 'attention_mask');
    if (!ids || others.length > 0) throw fail(`its inputs are ${network.inputs.map(shown).join(', ')}, not input_ids`);
    const context = ids.sizes[1] ?? CONTEXT;
    for (const input of network.inputs) {
      if (input.type !== 'int64' || !takes(input, [undefined, context])) {
        throw fail(`its input ${shown(input)} does not take int64[N, ${context}]`);
      }
    }
    mustName(network, manifest.outputs.text, fail);
    const known = new Map<string, TextEmbedding>();
    const embed = async (prompt: string, prefix = ''): Promise<TextEmbedding> => {
      const text = prefix + plainPrompt(prompt);
      const before = known.get(text);
      if (before) return before;
      const { ids: tokens, mask, truncated } = tokenize(text, context);
      const feed = (values: readonly number[]) => ({ shape: [1, context], values: BigInt64Array.from(values, BigInt) });
      const feeds = network.inputs.map(({ name }) => [name, feed(name === 'input_ids' ? tokens : mask)]);
      const [row] = await network.run(Object.fromEntries(feeds), manifest.outputs.text);
      const embedding = { vector: unit(row!, fail), truncated, sha256: sha256(text) };
      if (known.size >= TEXTS) known.delete(known.keys().next().value!);
      known.set(text, embedding);
      return embedding;
    };
    return { embed, release: () => network.release() };
  } catch (error) {
    await network.release();
    throw error;
  }
}

/** Whether an input takes a shape; sizes that are free on either side fit anything. */
function takes({ sizes }: InputShape, shape: readonly (number | undefined)[]): boolean {
  if (sizes.length !== shape.length) return false;
  return sizes.every((size, i) => size === undefined || shape[i] === undefined || size === shape[i]);
}

function shown({ name, type, sizes }: InputShape): string {
  return `${name} ${type}[${sizes.map((size) => size ?? 'N').join(', ')}]`;
}

function mustName({ outputs }: Network, wanted: string, fail: Fail): void {
  if (!outputs.includes(wanted)) throw fail(`it has no output ${wanted}, only ${outputs.join(', ')}`);
}
