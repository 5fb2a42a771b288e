import type { Json } from '../../../base/json.ts';
import { checkValue } from '../../catalog/check-value.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import type { Fixer } from './fixer.ts';
import { setFix, subjectOf } from './subject.ts';

const CLAMP = 0.85;
const STEP = 0.4;

/** VALUE_TOO_SMALL, VALUE_TOO_BIG: the nearest number the input takes. VALUE_OFF_STEP: the nearest step. */
export const fixNumber: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  if (subject?.declared === undefined || subject.value === undefined) return { fixes: [] };
  const to = settled(subject.declared, subject.value);
  if (to === undefined) return { fixes: [] };
  const confidence = diagnostic.code === 'VALUE_OFF_STEP' ? STEP : CLAMP;
  return { fixes: [setFix(context, subject, to, 'the nearest it takes', confidence)] };
};

/** A value after the least changes that leave it without errors; undefined where they lead nowhere. */
export function settled(input: DeclaredInput, value: Json): Json | undefined {
  let now = value;
  for (let round = 0; round < 4; round++) {
    const [fault] = checkValue(input, now);
    if (fault === undefined) return now;
    if (fault.to === undefined) return undefined;
    now = fault.to;
  }
  return undefined;
}
