import type { DeclaredInput } from '../../../core/catalog/declared-inputs.ts';
import type { Numbered, NumberRange } from '../../../core/families/families.ts';
import type { Parameter, ParamValue } from '../space.ts';
import { around, limitsOf, numberParameter, tidy } from './bounds.ts';
import type { Known } from './meanings.ts';
import type { FoundModel, Meaning } from './tunable.ts';

/** A value of the workflow with all that is known of it: what to search is decided from this alone. */
export interface Candidate {
  readonly known: Known;
  readonly current: ParamValue;
  /** What the inputs that read it take. */
  readonly inputs: readonly DeclaredInput[];
  readonly model: FoundModel;
}

/** What becomes of a value: a parameter without its name, or why it stays as it is. */
export type Decision =
  | { readonly parameter: Parameter; readonly why: string }
  | { readonly parameter?: undefined; readonly why: string };

/** Samplers and schedulers that work with most models, for families without facts. */
const USUAL = {
  sampler: ['euler', 'euler_ancestral', 'dpmpp_2m', 'dpmpp_2m_sde', 'res_multistep', 'uni_pc'],
  scheduler: ['simple', 'normal', 'karras', 'sgm_uniform', 'beta'],
} as const;

/** A step of half a unit of what the page shows is fine enough where nothing is known. */
const STEP: Readonly<Partial<Record<Meaning, number>>> = {
  cfg: 0.5,
  guidance: 0.25,
  shift: 0.5,
  denoise: 0.05,
  scale: 0.05,
};

/** Decides how one value is searched, by its meaning, its model and what the nodes take. [SP-6] [SP-7] */
export function decide(candidate: Candidate, name: string): Decision {
  const { known, current } = candidate;
  const held = whyHeld(candidate);
  if (held !== undefined) return { why: held };
  if (known.meaning === 'sampler' || known.meaning === 'scheduler') return decideNamed(candidate, name, known.meaning);
  if (typeof current === 'number') return decideNumber(candidate, name, current);
  return decideOption(candidate, name);
}

/** Why a value is not searched at all; undefined where it may be. */
function whyHeld({ known: { meaning }, current, model }: Candidate): string | undefined {
  const { detected, distilled } = model;
  if (meaning === 'seed') return 'chance, not a choice: repeats change it';
  if (meaning === 'denoise' && current === 1) return 'at 1 nothing of the latent is kept: there is nothing to vary';
  if ((meaning === 'lora' || meaning === 'control') && current === 0) return 'switched off at 0';
  if (meaning === 'cfg') {
    if (distilled && !variantRange(model, 'cfg')) return `trained into the model (${distilled.evidence})`;
    if (detected?.family.guidance === 'embedded' && current === 1)
      return `${detected.family.title} takes guidance instead`;
    if (current === 1 && !distilled) return 'at 1 guidance is off: the model is taken not to need it';
  }
  if (meaning === 'steps') {
    const range = variantRange(model, 'steps');
    if (distilled && (distilled.steps !== undefined || !range)) {
      const steps = distilled.steps === undefined ? 'few steps' : `${distilled.steps} steps`;
      return `the model is made for ${steps} (${distilled.evidence})`;
    }
  }
  return undefined;
}

function decideNumber(candidate: Candidate, name: string, current: number): Decision {
  const { known, inputs, model } = candidate;
  const limits = limitsOf(inputs);
  for (const { range, why } of rangesFor(candidate)) {
    const parameter = numberParameter(range, limits, current);
    if (parameter) return { parameter: { name, ...parameter }, why };
  }
  const step = STEP[known.meaning] ?? limits.step ?? (limits.isInt ? 1 : 0.05);
  const range = around(current, step, limits);
  const parameter = numberParameter(range, limits, current);
  if (!parameter) return { why: 'the node leaves no other value' };
  const rule = rangesFor(candidate)[0];
  const outside = rule ? `outside of ${tidy(rule.range.low)} to ${tidy(rule.range.high)} (${rule.why})` : undefined;
  const unknown = model.detected || known.meaning === 'image' ? 'no rule' : 'the family is not known';
  return { parameter: { name, ...parameter }, why: `around the current value: ${outside ?? unknown}` };
}

/** The ranges that rules give, the most particular first. */
function rangesFor({ known, model, current }: Candidate): {
  readonly range: NumberRange & { readonly log?: true };
  readonly why: string;
}[] {
  if (known.range)
    return [
      {
        range: known.range,
        why: known.meaning === 'image' ? 'where the filter is of use' : 'where the strength is of use',
      },
    ];
  const { detected } = model;
  if (known.meaning === 'frames') return framesFor(model, current);
  if (known.meaning === 'tile') return [{ range: { low: 256, high: 1024, step: 64 }, why: 'tiles that memory holds' }];
  const numbered = NUMBERED[known.word];
  if (!detected || !numbered) return [];
  const { family, variant } = detected;
  const own = variant?.ranges.numbers[numbered];
  const all = family.numbers[numbered];
  return [
    ...(own ? [{ range: own, why: usualFor(`${family.id} ${variant!.id}`) }] : []),
    ...(all && !(own && variant?.distilled) ? [{ range: all, why: usualFor(family.id) }] : []),
  ];
}

const NUMBERED: Readonly<Record<string, Numbered>> = {
  steps: 'steps',
  cfg: 'cfg',
  guidance: 'guidance',
  shift: 'shift',
  max_shift: 'max_shift',
  denoise: 'denoise',
};

/** Numbers of frames of the family's rule, from a third of the present one to the most it makes at once. */
function framesFor({ detected }: FoundModel, current: ParamValue): { range: NumberRange; why: string }[] {
  const rule = detected?.family.frames;
  if (!rule || typeof current !== 'number') return [];
  const { every, from, least, most } = rule;
  const low = Math.max(least, from + every * Math.floor((current / 3 - from) / every));
  const why = `${detected.family.id}: ${every > 1 ? `${every}n+${from}` : 'any number'}, at most ${most}`;
  return [{ range: { low, high: Math.max(most, current), step: every }, why }];
}

function variantRange({ detected }: FoundModel, what: Numbered): NumberRange | undefined {
  return detected?.variant?.distilled ? detected.variant.ranges.numbers[what] : undefined;
}

/** A sampler or scheduler: those that go with the family and that every node has, the current one first. */
function decideNamed({ model, inputs, current }: Candidate, name: string, what: 'sampler' | 'scheduler'): Decision {
  const { detected } = model;
  const list = detected?.variant?.ranges[what] ?? detected?.family[what];
  // A present one that the catalog does not know may be that of a pack: the user's server has it.
  const choices = [...new Set([current, ...among(inputs, list ?? USUAL[what])])];
  if (choices.length < 2) return { why: 'the node leaves no other value' };
  const why = list ? usualFor(detected!.family.id) : detected ? 'usual ones' : 'usual ones: the family is not known';
  return { parameter: { name, kind: 'categorical', choices }, why };
}

function decideOption({ known, inputs, current }: Candidate, name: string): Decision {
  const choices = typeof current === 'boolean' ? [false, true] : among(inputs, optionsOf(inputs[0]));
  if (choices.length < 2 || !choices.includes(current)) return { why: 'the node leaves no other value' };
  return {
    parameter: { name, kind: 'categorical', choices },
    why: known.meaning === 'image' ? 'what the filter offers' : 'what the node offers',
  };
}

/** Those of some names that all inputs have among their options, each once. */
function among(inputs: readonly DeclaredInput[], names: readonly ParamValue[]): ParamValue[] {
  const lists = inputs.map(optionsOf).filter((list) => list.length > 0);
  return [...new Set(names)].filter((one) => lists.every((list) => list.includes(one)));
}

/** The options of a list that a file can hold. */
export function optionsOf(input: DeclaredInput | undefined): ParamValue[] {
  const list = input?.options.options;
  if (!Array.isArray(list)) return [];
  return list.filter((one): one is ParamValue => ['string', 'number', 'boolean'].includes(typeof one));
}

function usualFor(models: string): string {
  return `usual for ${models}`;
}
