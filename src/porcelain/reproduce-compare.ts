import { isCwfError } from '../base/errors.ts';
import { imageDiffers } from '../io/metrics/compare/image-differs.ts';
import { structuralSimilarity } from '../io/metrics/compare/ssim.ts';
import { type Decoded, decode, type ImageInput } from '../io/metrics/decode.ts';
import { hashDistance } from '../io/metrics/fingerprint.ts';
import type { Picture } from '../io/metrics/picture.ts';
import { type OutputPlace, outputPath } from '../io/outputs/place.ts';
import { hasOutput, readOutput } from '../io/outputs/store.ts';
import { byPlace } from './output-pairs.ts';
import type { Reference } from './reproduce-picture.ts';
import type { RunOutput } from './run-note.ts';

/** How far two pictures are apart. */
export interface Distance {
  /** Share of the pixels of all frames that are not the same, 0 to 1. */
  readonly differs: number;
  /** The greatest difference of a channel, in levels of 255. */
  readonly most: number;
  /** Structural similarity of luma, the lowest of any frame. */
  readonly ssim: number;
}

/** One output, held against what it was. */
export interface ComparedOutput {
  readonly node: string;
  readonly filename: string;
  /** `missing`: nothing was left in its place; `added`: nothing was there before. */
  readonly kind: 'identical' | 'differs' | 'missing' | 'added';
  /** SHA-256 of the files. */
  readonly before?: string;
  readonly now?: string;
  readonly distance?: Distance;
  /** Why there is no distance. */
  readonly reason?: string;
}

/**
 * Holds the outputs of a run against those it is to make again, pair by pair. Pictures are the same when their pixels
 * are, other files when their bytes are. [RE-5]
 */
export async function compareOutputs(
  place: OutputPlace,
  references: readonly Reference[],
  outputs: readonly RunOutput[],
): Promise<ComparedOutput[]> {
  const compared: ComparedOutput[] = [];
  for (const { before, now } of pairsOf(references, outputs)) {
    if (before && now) compared.push(await compareOne(place, before, now));
    else if (before) compared.push({ ...nameOf(before), kind: 'missing', before: before.id });
    else if (now) compared.push({ ...nameOf(now), kind: 'added', now: now.id });
  }
  return compared;
}

interface Pair {
  readonly before?: Reference;
  readonly now?: RunOutput;
}

function pairsOf(references: readonly Reference[], outputs: readonly RunOutput[]): Pair[] {
  const [only] = references;
  // Of a picture that no note tells of nobody knows the node.
  if (only && only.node === undefined) return [{ before: only, ...nearest(only, outputs) }];
  const before = byPlace(references.map((one) => ({ ...one, node: one.node ?? '' })));
  const now = byPlace(outputs);
  return [...new Set([...before.keys(), ...now.keys()])].map((key) => {
    const [was, is] = [before.get(key), now.get(key)];
    return { ...(was ? { before: was } : {}), ...(is ? { now: is } : {}) };
  });
}

function nearest(reference: Reference, outputs: readonly RunOutput[]): Pair {
  const rank = ({ id, pixels, width, height, dhash }: RunOutput): number => {
    if (id === reference.id || (pixels !== undefined && pixels === reference.pixels)) return 0;
    const bits = distanceOf(dhash, reference.dhash) ?? 64;
    return 1 + bits + (width === reference.width && height === reference.height ? 0 : 100);
  };
  const [now] = [...outputs].sort((a, b) => rank(a) - rank(b));
  return now ? { now } : {};
}

function nameOf({ node, filename }: Reference): { readonly node: string; readonly filename: string } {
  return { node: node ?? '', filename };
}

async function compareOne(place: OutputPlace, before: Reference, now: RunOutput): Promise<ComparedOutput> {
  // The names of a runner count on.
  const filename = before.node === undefined ? now.filename : before.filename;
  const pair = { node: now.node, filename, before: before.id, now: now.id };
  if (before.id === now.id) return { ...pair, kind: 'identical' };
  const isStill = (frames: number | undefined) => frames === undefined || frames === 1;
  const isSame = typeof before.pixels === 'string' && before.pixels === now.pixels && sameSize(before, now);
  if (isSame && isStill(before.frames) && isStill(now.frames)) return { ...pair, kind: 'identical' };
  const differs = (reason: string): ComparedOutput => ({ ...pair, kind: 'differs', reason });
  if (now.width === undefined || before.width === undefined) return differs(otherBytes(before, now));
  if (!sameSize(before, now))
    return differs(`it was ${before.width}x${before.height}, and is ${now.width}x${now.height}`);
  if (before.path === undefined && !hasOutput(place, before.id)) return differs(withoutBytes(before, now));
  const [a, b] = [await framesOf(place, before), await framesOf(place, now)];
  if (typeof a === 'string' || typeof b === 'string') return differs(typeof a === 'string' ? a : (b as string));
  if (a.length !== b.length) return differs(`it had ${a.length} frames, and has ${b.length}`);
  const distance = distanceBetween(a, b);
  return distance.differs === 0 ? { ...pair, kind: 'identical' } : { ...pair, kind: 'differs', distance };
}

function sameSize(a: Reference, b: Reference): boolean {
  return a.width === b.width && a.height === b.height;
}

function otherBytes({ type }: Reference, now: RunOutput): string {
  if (type !== '' && type !== now.type) return `it was ${type}, and is ${now.type}`;
  return 'its bytes are others; only pictures are compared by what they show';
}

function withoutBytes(before: Reference, now: RunOutput): string {
  const bits = distanceOf(before.dhash, now.dhash);
  const alike = bits === undefined ? '' : `; ${bits} of 64 bits of their difference hashes differ`;
  return `its pixels are others, and the old file is not here to be compared${alike}`;
}

function distanceOf(a: unknown, b: unknown): number | undefined {
  const isHash = (hash: unknown): hash is string => typeof hash === 'string' && /^[0-9a-f]{16}$/.test(hash);
  return isHash(a) && isHash(b) ? hashDistance(a, b) : undefined;
}

async function framesOf(place: OutputPlace, one: Reference): Promise<Decoded['frames'] | string> {
  try {
    const decoded = await decode(inputOf(place, one));
    return decoded.kind === 'decoded' ? decoded.frames : decoded.reason;
  } catch (error) {
    if (isCwfError(error) && error.kind !== 'bug') return error.message;
    throw error;
  }
}

/** Bytes of the store are compared with their name first; a video is decoded from its file. [OU-3] */
function inputOf(place: OutputPlace, { id, filename: name, path, type }: Reference): ImageInput {
  if (path !== undefined) return { path, name };
  const bytes = readOutput(place, id);
  return type.startsWith('video/') ? { path: outputPath(place, id), name } : { bytes, name };
}

function distanceBetween(before: readonly Picture[], now: readonly Picture[]): Distance {
  let differs = 0;
  let most = 0;
  let ssim = 1;
  for (const [at, image] of now.entries()) {
    const reference = before[at]!;
    const share = imageDiffers.measure({ image, reference } as Parameters<typeof imageDiffers.measure>[0]) as number;
    if (share === 0) continue;
    differs += share / now.length;
    most = Math.max(most, greatest(image.rgb, reference.rgb));
    ssim = Math.min(ssim, structuralSimilarity(image, reference));
  }
  return { differs, most, ssim };
}

function greatest(a: Uint8Array, b: Uint8Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}
