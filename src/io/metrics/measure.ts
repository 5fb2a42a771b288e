import { CwfError } from '../../base/errors.ts';
import { type Decoded, decode, type ImageInput, nameOf, type Unavailable } from './decode.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { GateFacts } from './gates.ts';
import { findMetric, modelFree } from './index.ts';
import { METRIC_LIMITS } from './limits.ts';
import { type Measured, type Metric, MODEL_KINDS, type ModelKind, type Need, type Parts } from './metric.ts';
import type { ModelProvenance } from './models/clip.ts';
import type { ModelManifest } from './models/manifest.ts';
import type { Shelf } from './models/shelf.ts';
import { type Picture, sampled } from './picture.ts';

/** What is to be measured. */
export interface MeasureRequest {
  readonly image: ImageInput;
  /** Ids or aliases; all that need nothing but the image when left out. */
  readonly metrics?: readonly string[];
  readonly reference?: ImageInput;
  readonly set?: readonly ImageInput[];
  /** The text that really fed the sampler. */
  readonly prompt?: string;
}

/** What is at hand to measure with. */
export interface MeasureSetup {
  readonly models?: readonly ModelManifest[];
  /** Folders of models, first to last. */
  readonly modelFolders?: readonly string[];
  /** The program that decodes videos. */
  readonly ffmpeg?: string;
}

/** What a value was made with; only values with equal provenance are compared. */
export interface Provenance extends Partial<ModelProvenance> {
  readonly metric: string;
  readonly version: number;
  readonly prompt?: string;
  readonly truncated?: boolean;
}

/** A value, or why there is none; there is never a number in place of a missing one. */
export type Measurement =
  | {
      readonly kind: 'value';
      /** The name that was asked for: the id or an alias. */
      readonly name: string;
      readonly value: number;
      readonly evidence: Readonly<Record<string, number>>;
      readonly provenance: Provenance;
    }
  | {
      readonly kind: 'unavailable';
      readonly name: string;
      readonly reason: string;
      readonly hint: string;
      /** The error behind it, where there is one. */
      readonly code?: string;
    };

/** All measurements of one output. */
export interface Report {
  readonly name: string;
  /** `PNG`, ...; undefined for a file that could not be looked into. */
  readonly type?: string;
  readonly frames: number;
  /** Of the first frame; undefined when nothing was decoded. */
  readonly facts?: GateFacts;
  readonly measurements: readonly Measurement[];
}

/**
 * Measures one output. Metrics that cannot run say so in their place and leave the others alone. Throws METRIC_NOT_FOUND
 * and, for the files that were given, what `decode` throws.
 */
export async function measureImage(request: MeasureRequest, setup: MeasureSetup, shelf: Shelf): Promise<Report> {
  const wanted = [...new Set(request.metrics ?? modelFree())].map((name) => ({ name, metric: findMetric(name) }));
  if ((request.set?.length ?? 0) > METRIC_LIMITS.set) {
    throw new CwfError('IMAGE_TOO_LARGE', {
      source: 'set',
      what: `${request.set!.length} images`,
      limit: METRIC_LIMITS.set,
    });
  }
  if ((request.prompt?.length ?? 0) > METRIC_LIMITS.promptLength) {
    throw new CwfError('IMAGE_TOO_LARGE', { source: 'prompt', what: 'its length', limit: METRIC_LIMITS.promptLength });
  }
  const image = await decode(request.image, setup.ffmpeg);
  if (image.kind === 'unavailable') {
    return {
      name: nameOf(request.image),
      frames: 0,
      measurements: wanted.map((each) => ({ ...image, name: each.name })),
    };
  }
  const given = await partsOf(request, setup, image);
  const measurements: Measurement[] = [];
  for (const { name, metric } of wanted) measurements.push(await measureOne(name, metric, image, given, setup, shelf));
  const { name, type, frames } = image;
  return { name, type, frames: frames.length, facts: factsOf(frames[0]!), measurements };
}

/** What the gates look at, of one image. */
export function factsOf(image: Picture): GateFacts {
  const { mean, std } = image.tones();
  const { high, pixels } = image.colors();
  const { width, height } = image;
  return { ...fingerprintOf(image), width, height, lumaMean: mean, lumaStd: std, clipHigh: high / pixels };
}

/** What is said where no manifest has a kind of model. */
export function noModel(kind: ModelKind): Unavailable {
  const hint = 'Put a model and its manifest into a folder of models; docs/metrics.md shows how.';
  return unavailable(`there is no model of the kind ${kind}`, hint);
}

/** Whether two values may be compared: equal metric, version, model, preprocessing, runtime, prompt and cut. */
export function comparable(a: Provenance, b: Provenance): boolean {
  const keys = ['metric', 'version', 'model', 'sha256', 'preprocess', 'runtime', 'prompt', 'truncated'] as const;
  return keys.every((key) => a[key] === b[key]);
}

/** What the request gives; `unavailable` for a file that is there and cannot be looked into. */
type Given = { readonly [K in 'reference' | 'set' | 'prompt' | 'frames']?: Parts[K] | Unavailable };

async function partsOf(request: MeasureRequest, setup: MeasureSetup, image: Decoded): Promise<Given> {
  const first = async (input: ImageInput) => {
    const decoded = await decode(input, setup.ffmpeg);
    return decoded.kind === 'unavailable' ? decoded : decoded.frames[0]!;
  };
  const set: Picture[] = [];
  let missing: Unavailable | undefined;
  for (const input of request.set ?? []) {
    const one = await first(input);
    if ('kind' in one) missing ??= one;
    else set.push(one);
  }
  return {
    ...(request.reference === undefined ? {} : { reference: await first(request.reference) }),
    ...(request.set?.length ? { set: missing ?? set } : {}),
    ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
    ...(image.frames.length > 1 ? { frames: image.frames } : {}),
  };
}

async function measureOne(
  name: string,
  metric: Metric,
  image: Decoded,
  given: Given,
  setup: MeasureSetup,
  shelf: Shelf,
): Promise<Measurement> {
  try {
    const parts: Partial<Record<Need, unknown>> = {};
    let model: ModelProvenance | undefined;
    for (const need of metric.needs) {
      if (need === 'image') continue;
      const part = isModel(need) ? await modelPart(need, setup, shelf) : (given[need as keyof Given] ?? MISSING[need]);
      if (isUnavailable(part)) return { ...part, name };
      if (isModel(need)) model = (part as Parts['clip']).provenance;
      parts[need] = part;
    }
    checkSizes(metric, image, parts.reference as Picture | undefined);
    const frames = metric.needs.includes('image') ? sampled(image.frames) : image.frames.slice(0, 1);
    const results: Measured[] = [];
    for (const frame of frames) {
      const result = await metric.measure({ ...parts, image: frame } as Parts);
      results.push(typeof result === 'number' ? { value: result } : result);
    }
    const { value, evidence } = overFrames(results);
    if (!Number.isFinite(value)) throw new CwfError('BUG', { what: `${metric.id} is ${value}` });
    const text = results[0]!.text;
    const seen = text === undefined ? {} : { prompt: text.sha256, truncated: text.truncated };
    const provenance = { metric: metric.id, version: metric.version, ...model, ...seen };
    return { kind: 'value', name, value, evidence, provenance };
  } catch (error) {
    if (!(error instanceof CwfError) || !OWN_ERRORS.has(error.code)) throw error;
    return { kind: 'unavailable', name, reason: error.message, hint: error.hint, code: error.code };
  }
}

/** Errors of one metric's own; those of the files that were given end the request. */
const OWN_ERRORS: ReadonlySet<string> = new Set([
  'MODEL_MISSING',
  'MODEL_INVALID',
  'RUNTIME_MISSING',
  'IMAGE_SIZES_DIFFER',
]);

const unavailable = (reason: string, hint: string): Unavailable => ({ kind: 'unavailable', reason, hint });

const MISSING: Readonly<Partial<Record<Need, Unavailable>>> = {
  reference: unavailable('there is no image to compare with', 'Name it with --compare.'),
  set: unavailable('there is no set of images to compare with', 'Name each with --set.'),
  prompt: unavailable('there is no prompt', 'Give the text that fed the sampler with --prompt.'),
  frames: unavailable('a still image has no frames', 'Measure an animation or a video.'),
};

function isModel(need: Need): need is ModelKind {
  return (MODEL_KINDS as readonly string[]).includes(need);
}

function isUnavailable(part: unknown): part is Unavailable {
  return typeof part === 'object' && part !== null && 'kind' in part && part.kind === 'unavailable';
}

async function modelPart(kind: ModelKind, { models = [], modelFolders = [] }: MeasureSetup, shelf: Shelf) {
  const model = await shelf.get(kind, models, modelFolders);
  return model ?? noModel(kind);
}

/** Comparisons by pixels need one size; the embeddings of a model do not. */
function checkSizes({ needs }: Metric, image: Decoded, reference: Picture | undefined): void {
  const [first] = image.frames;
  if (reference === undefined || needs.some(isModel)) return;
  if (reference.width === first!.width && reference.height === first!.height) return;
  const size = ({ width, height }: Picture) => `${width}x${height}`;
  throw new CwfError('IMAGE_SIZES_DIFFER', {
    source: image.name,
    size: size(first!),
    reference: 'the reference',
    other: size(reference),
  });
}

/** The value itself, or of several frames the mean, with the least, the greatest and the drift from first to last. */
function overFrames(results: readonly Measured[]): Required<Pick<Measured, 'value' | 'evidence'>> {
  const [first] = results;
  if (results.length === 1) return { value: first!.value, evidence: first!.evidence ?? {} };
  const values = results.map(({ value }) => value);
  return {
    value: values.reduce((a, b) => a + b) / values.length,
    evidence: {
      frames: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
      drift: values.at(-1)! - values[0]!,
    },
  };
}
