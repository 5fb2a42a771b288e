import type { ClipModel } from './models/clip.ts';
import type { Picture } from './picture.ts';

/** What a metric may be given, by the name of the need. */
export interface Parts {
  /** The image that is measured; of an animation one of its frames. */
  readonly image: Picture;
  /** The image it is compared with: the same size, or the measurement is refused. */
  readonly reference: Picture;
  /** All frames of an animation or a video, two or more. */
  readonly frames: readonly Picture[];
  /** The text that fed the sampler. */
  readonly prompt: string;
  /** A set of images that the measured one belongs beside. */
  readonly set: readonly Picture[];
  /** Loaded models, by the kind of their manifest. */
  readonly clip: ClipModel;
  readonly 'aesthetic-v1': ClipModel;
  readonly 'aesthetic-v2': ClipModel;
  readonly 'pick-score': ClipModel;
  readonly 'hps-v2': ClipModel;
}

export type Need = keyof Parts;

/** Kinds of models; the need and the `kind` of a manifest are the same word. */
export const MODEL_KINDS = ['clip', 'aesthetic-v1', 'aesthetic-v2', 'pick-score', 'hps-v2'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** As in Optuna; `none` for a number that describes and does not judge. */
export type Direction = 'maximize' | 'minimize' | 'none';

/** A value with what shows where it comes from. */
export interface Measured {
  readonly value: number;
  /** Short facts beside the value, for people and for gates. */
  readonly evidence?: Readonly<Record<string, number>>;
  /** Of a text that was scored: whether the model saw only its beginning, and the digest of what it saw. */
  readonly text?: { readonly truncated: boolean; readonly sha256: string };
}

/** One metric: what it is called, what its numbers mean and how they are made. */
export interface Metric {
  /** In kebab-case; the name under which a value is noted on a commit. */
  readonly id: string;
  /** Other names that people ask for. */
  readonly aliases?: readonly string[];
  /** Goes up with any change of the numbers; values of different versions are never compared. */
  readonly version: number;
  /** The definition in one sentence, for docs/metrics.md. */
  readonly summary: string;
  readonly direction: Direction;
  /** Smallest and greatest possible value. */
  readonly range: readonly [number, number];
  readonly unit: string;
  readonly needs: readonly Need[];
  /** Of a comparison: the value of an image against itself. */
  readonly identity?: number;
  /** How the value goes with more noise and more blur, where that is certain; the contract suite checks it. */
  readonly reacts?: { readonly noise?: 'up' | 'down'; readonly blur?: 'up' | 'down' };
  measure(parts: Parts): number | Measured | Promise<number | Measured>;
}

/** Returns the declaration as a metric; gives `measure` the types of what it needs, and nothing else. */
export function defineMetric<const N extends readonly Need[]>(
  metric: Omit<Metric, 'needs' | 'measure'> & {
    readonly needs: N;
    measure(parts: Pick<Parts, N[number]>): number | Measured | Promise<number | Measured>;
  },
): Metric {
  return metric;
}
