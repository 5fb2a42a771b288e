import { text, truthy } from '../arguments.ts';
import { asNumber } from '../expression/arithmetic.ts';
import { evaluate } from '../expression/evaluate.ts';
import { shownResult } from '../expression/functions.ts';
import { parseExpression } from '../expression/parse.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { pythonText } from '../python.ts';
import type { Value, ValueMap } from '../values.ts';

export const comfyMathExpression: Operation = {
  classType: 'ComfyMathExpression',
  run(inputs) {
    const source = text(inputs, 'expression');
    if (source.trim() === '') throw new NodeFailure('ValueError', 'Expression cannot be empty.');
    const given = Object.entries(inputs['values'] as ValueMap);
    const names = new Map<string, Value>([...given, ['values', given.map(([, value]) => value)]]);
    const result = evaluate(parseExpression(source), names, source);
    const number = asNumber(result);
    const told = `Math Expression '${source}'`;
    if (number === undefined) {
      const reason = `${told} must evaluate to a numeric result, got ${shownResult(result)}`;
      throw new NodeFailure('ValueError', reason);
    }
    const float = Number(number);
    if (typeof number === 'bigint' && !Number.isFinite(float)) {
      const reason = `${told} produced a result too large to represent as a float: ${pythonText(number)}`;
      throw new NodeFailure('ValueError', reason);
    }
    if (!Number.isFinite(float)) {
      throw new NodeFailure('ValueError', `${told} produced a non-finite result: ${pythonText(number)}`);
    }
    const int = typeof number === 'bigint' ? number : BigInt(Math.trunc(number));
    return { outputs: [float, int, truthy(number)] };
  },
};
