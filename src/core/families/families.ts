import { own } from '../workflow/names.ts';
import { FAMILIES, FILES } from './data/families.ts';

/** From one number to another, both included; `step` is how finely it is worth looking. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

/** What of a model is worth varying. `split`: the share of the steps that the first of two models makes. */
export type Numbered = 'steps' | 'cfg' | 'guidance' | 'shift' | 'max_shift' | 'split' | 'denoise';

interface Ranges {
  readonly numbers: Readonly<Partial<Record<Numbered, NumberRange>>>;
  /** The official one first. */
  readonly sampler?: readonly string[];
  readonly scheduler?: readonly string[];
}

/** A member of a family that wants other values, known by the names of its files. */
export interface Variant {
  readonly id: string;
  /** A regular expression over the name of a model or LoRA file, in lower case. */
  readonly name: string;
  /** Guidance, or the number of steps, is trained into it: cfg and steps belong to the model then. */
  readonly distilled?: true;
  /** The official number of steps of a distilled one. */
  readonly steps?: number;
  readonly ranges: Ranges;
}

/** What cwf knows of a family of models. Ranges are priors around the official values, the rest are facts. */
export interface ModelFamily extends Ranges {
  readonly id: string;
  readonly title: string;
  readonly media: 'image' | 'video';
  /** `embedded`: the model takes guidance as a number, and cfg stays 1 (but for models that take both). */
  readonly guidance: 'cfg' | 'embedded';
  /** Width and height are multiples of it. */
  readonly multiple: number;
  /** Sizes the models were made for, in pixels. */
  readonly sizes: readonly (readonly [width: number, height: number])[];
  /** Most pixels of a picture made at once. */
  readonly most_pixels: number;
  /** Numbers of frames: `from + k · every`. */
  readonly frames?: {
    readonly every: number;
    readonly from: number;
    readonly least: number;
    readonly most: number;
  };
  readonly variants: readonly Variant[];
}

let families: Readonly<Record<string, ModelFamily>> | undefined;
let files: ReadonlyMap<string, string> | undefined;

/** The family of an id, such as `sdxl`; undefined for one that cwf has no facts of. */
export function familyOf(id: string): ModelFamily | undefined {
  families ??= Object.fromEntries(
    FAMILIES.split('\n').map((line) => {
      const family = JSON.parse(line) as ModelFamily;
      return [family.id, family];
    }),
  );
  return own(families, id);
}

/** The family that official templates use a model file with, by its exact name. */
export function familyOfFile(name: string): string | undefined {
  files ??= new Map(FILES.split('\n').map((line) => line.split('\t') as [string, string]));
  return files.get(name);
}
