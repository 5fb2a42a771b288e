import type { Json } from '../../../base/json.ts';
import { jsonEqual } from '../../../base/json-text.ts';
import { editDistance } from '../nearest.ts';

/** An option, and how likely it is the one that was meant. */
export interface Near<T extends Json = Json> {
  readonly option: T;
  readonly confidence: number;
}

/** Names of samplers and schedulers in other programs, in plain letters, and what ComfyUI calls them. */
const RENAMED: Readonly<Record<string, string>> = {
  eulera: 'euler_ancestral',
  keuler: 'euler',
  keulera: 'euler_ancestral',
  dpm2a: 'dpm_2_ancestral',
  dpmpp2sa: 'dpmpp_2s_ancestral',
  dpmpp2mkarras: 'dpmpp_2m',
  dpmppsdekarras: 'dpmpp_sde',
  dpmpp2msdekarras: 'dpmpp_2m_sde',
  plms: 'ipndm',
};

/** Texts longer than this are no names of options. */
const LONGEST = 80;
/** A slip of one letter in five, and one in four letters; in shorter words every slip is another word. */
const LETTERS_PER_SLIP = 5;
const SHORTEST = 4;

/**
 * The option that a value most likely stands for: the same but for its type, its case, its separators, a known other
 * name, a slip of the pen, or the one option that contains it. Undefined where none or several are as near.
 */
export function nearestOption<T extends Json>(value: Json, options: readonly T[]): Near<T> | undefined {
  if (typeof value === 'object' && value !== null) return undefined;
  const text = String(value);
  if (value === null || text === '' || text.length > LONGEST) return undefined;
  const sole = (confidence: number, fits: (option: string) => boolean): Near<T> | undefined => {
    const found = options.filter((one) => (typeof one !== 'object' || one === null) && fits(String(one)));
    return found.length === 1 ? { option: found[0]!, confidence } : undefined;
  };
  const plain = plainLetters(text);
  const renamed = Object.hasOwn(RENAMED, plain) ? RENAMED[plain] : undefined;
  return (
    sole(0.97, (one) => one === text) ??
    sole(0.95, (one) => one.trim().toLowerCase() === text.trim().toLowerCase()) ??
    (plain === '' ? undefined : sole(0.85, (one) => plainLetters(one) === plain)) ??
    sole(0.85, (one) => one === renamed) ??
    bySlips(text, options) ??
    (plain.length < 3 ? undefined : sole(0.55, (one) => plainLetters(one).includes(plain)))
  );
}

/** Whether a value is one of the options. */
export function isOption(value: Json, options: readonly Json[]): boolean {
  return options.some((one) => jsonEqual(one, value));
}

function bySlips<T extends Json>(text: string, options: readonly T[]): Near<T> | undefined {
  const low = text.toLowerCase();
  if (low.length < SHORTEST) return undefined;
  const most = Math.max(1, Math.floor(low.length / LETTERS_PER_SLIP));
  const near = options
    .map((option) => ({
      option,
      slips: typeof option === 'string' ? editDistance(low, option.toLowerCase(), most) : Infinity,
    }))
    .filter(({ slips }) => slips <= Math.min(most, 3))
    .sort((a, b) => a.slips - b.slips);
  const [best, next] = near;
  if (!best || best.slips === next?.slips) return undefined;
  // Digits tell sizes and versions apart: one slip there is another option, not a slip.
  if (digits(low) !== digits(String(best.option).toLowerCase())) return undefined;
  const isSure = best.slips === 1 && low.length >= LETTERS_PER_SLIP;
  return { option: best.option, confidence: isSure ? 0.85 : 0.7 };
}

function plainLetters(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('+', 'p')
    .replace(/[^a-z0-9.]/g, '');
}

function digits(text: string): string {
  return text.replace(/\D+/g, ' ').trim();
}
