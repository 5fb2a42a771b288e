import { defaultFor, optionsOf } from './default-value.ts';
import type { Fixer } from './fixer.ts';
import { nearestOption } from './nearest.ts';
import { type Subject, setFix, shown, subjectOf } from './subject.ts';
import { meaningOf } from './value-type.ts';

/** A value that says nothing is replaced by the default; a text that is no option any more says what only its author knows. */
const ONLY = 0.85;
const NOTHING = 0.55;
const UNKNOWN_TEXT = 0.3;

/** VALUE_NOT_IN_LIST: the option that the value stands for; a list of options is never a value. */
export const fixOption: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  const { declared, value } = subject ?? {};
  if (!subject || !declared || value === undefined) return { fixes: [] };
  const fix = (to: string | number | boolean, why: string, confidence: number) =>
    setFix(context, subject, to, why, confidence);
  const options = optionsOf(declared).filter((one) => typeof one !== 'object') as (string | number | boolean)[];
  const near = nearestOption(value, options);
  if (near) return { fixes: [fix(near.option, `the option nearest to ${shown(value)}`, near.confidence)] };
  const meant = meaningOf(declared, value);
  const fixes =
    meant && typeof meant.value !== 'object' ? [fix(meant.value as string, meant.why, meant.confidence)] : [];
  const byDefault = defaultFor(declared);
  const [only] = options;
  if (only !== undefined && options.length === 1) return { fixes: [fix(only, 'the only option', ONLY)] };
  const says = typeof value === 'string' && value.trim() !== '';
  if (byDefault && typeof byDefault.value !== 'object')
    fixes.push(fix(byDefault.value as string, byDefault.what, says ? UNKNOWN_TEXT : NOTHING));
  return says ? { fixes, advice: adviceFor(subject, options) } : { fixes };
};

function adviceFor({ input, value }: Subject, options: readonly (string | number | boolean)[]): string {
  const some = options.slice(0, 8).map(shown).join(', ');
  return `${shown(value!)} is no option of ${input} in this version, and none is near it: choose of ${some}${options.length > 8 ? ' ...' : ''}`;
}
