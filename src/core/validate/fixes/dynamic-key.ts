import type { Json } from '../../../base/json.ts';
import { nestedInputs } from '../../catalog/nested-inputs.ts';
import { defaultFor, optionsOf } from './default-value.ts';
import { advise, type Fixer } from './fixer.ts';
import { nearestOption } from './nearest.ts';
import { type Subject, setFix, shown, subjectOf } from './subject.ts';

const BY_INPUTS = 0.85;
const BY_INPUTS_AND_DEFAULT = 0.75;
const BY_DEFAULT = 0.55;

/** OPTION_UNKNOWN: the key that resembles, the one whose inputs are all there, or the default; with what lies below. */
export const fixDynamicKey: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  if (!subject?.declared) return { fixes: [] };
  const found = keyFor(subject);
  if (!found) return advise(`choose one of ${optionsOf(subject.declared).slice(0, 8).map(shown).join(', ')}`);
  const { key, confidence, why } = found;
  return { fixes: [setFix(context, subject, key, why, confidence)] };
};

function keyFor({ declared, value, node, input }: Subject): { key: Json; confidence: number; why: string } | undefined {
  const keys = optionsOf(declared!);
  const near = value === undefined ? undefined : nearestOption(value, keys);
  if (near) return { key: near.option, confidence: near.confidence, why: 'it resembles what stands there' };
  const byDefault = defaultFor(declared!)?.value;
  const below = [...Object.keys(node.widgets), ...Object.keys(node.links)]
    .filter((name) => name.startsWith(`${input}.`))
    .map((name) => name.slice(input.length + 1).split('.')[0]!);
  const scored = keys.map((key) => ({ key, score: fitOf(declared!, key, below) }));
  const most = Math.max(...scored.map(({ score }) => score));
  const best = scored.filter(({ score }) => score === most).map(({ key }) => key);
  if (below.length > 0 && best.length === 1)
    return { key: best[0]!, confidence: BY_INPUTS, why: 'its inputs are the ones that are there' };
  if (below.length > 0 && byDefault !== undefined && best.includes(byDefault))
    return { key: byDefault, confidence: BY_INPUTS_AND_DEFAULT, why: 'the default, whose inputs are there' };
  const isText = typeof value === 'string' && value !== '';
  const key = below.length > 0 ? best[0] : byDefault;
  // A text that is no option says something that nobody here understands; an empty place says nothing.
  return key === undefined
    ? undefined
    : { key, confidence: isText && below.length === 0 ? 0.3 : BY_DEFAULT, why: 'the default' };
}

/** How well the inputs that are there fit an option: known names count for it, unknown and absent ones against it. */
function fitOf(declared: Subject['declared'] & object, key: Json, below: readonly string[]): number {
  const nested = nestedInputs(declared, key)?.inputs ?? [];
  const names = new Set(nested.map(({ name }) => name));
  const known = below.filter((name) => names.has(name)).length;
  const absent = nested.filter(({ name, section }) => section === 'required' && !below.includes(name)).length;
  return known * 2 - (below.length - known) * 2 - absent;
}
