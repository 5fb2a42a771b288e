import { pythonFloat } from '../../../../base/python-text.ts';
import { flag, truthy } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { pythonRepr, pythonType } from '../python.ts';
import type { Value, ValueMap } from '../values.ts';

export const comfySwitch: Operation = {
  classType: 'ComfySwitchNode',
  lazy(inputs) {
    const wanted = flag(inputs, 'switch') ? 'on_true' : 'on_false';
    return (inputs[wanted] ?? null) === null ? [wanted] : [];
  },
  run: (inputs) => ({ outputs: [(flag(inputs, 'switch') ? inputs['on_true'] : inputs['on_false']) ?? null] }),
};

export const comfyNot: Operation = {
  classType: 'ComfyNotNode',
  run: (inputs) => ({ outputs: [!flag(inputs, 'value')] }),
};

export const comfyAnd: Operation = {
  classType: 'ComfyAndNode',
  run: (inputs) => ({ outputs: [values(inputs['values']).every(truthy)] }),
};

export const comfyOr: Operation = {
  classType: 'ComfyOrNode',
  run: (inputs) => ({ outputs: [values(inputs['values']).some(truthy)] }),
};

function values(value: Value | undefined): Value[] {
  return Object.values((value ?? {}) as ValueMap);
}

export const customCombo: Operation = {
  classType: 'CustomCombo',
  run: (inputs) => ({ outputs: [inputs['choice']!, inputs['index'] ?? 0n] }),
};

export const comfyNumberConvert: Operation = {
  classType: 'ComfyNumberConvert',
  run: (inputs) => ({ outputs: converted(inputs['value']) }),
};

function converted(value: Value | undefined): [float: number, int: bigint] {
  if (typeof value === 'boolean' || typeof value === 'bigint') return finite(Number(value), BigInt(value));
  if (typeof value === 'number') return finite(value, undefined);
  if (typeof value !== 'string') {
    throw new NodeFailure('TypeError', `Unsupported input type: ${pythonType(value)}`);
  }
  const told = value.trim();
  if (told === '') throw new NodeFailure('ValueError', 'Cannot convert empty string to number.');
  const plain = told.replace(/(?<=\d)_(?=\d)/g, '').toLowerCase();
  if (/^[+-]?(inf|infinity|nan)$/.test(plain)) {
    const number = plain.endsWith('nan') ? Number.NaN : plain.startsWith('-') ? -1 / 0 : 1 / 0;
    throw new NodeFailure('ValueError', `Cannot convert non-finite value to number: ${pythonFloat(number)}`);
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain)) {
    throw new NodeFailure('ValueError', `Cannot convert string to number: ${pythonRepr(value)}`);
  }
  const whole = /^[+-]?\d+$/.test(plain) ? BigInt(plain.replace(/^\+/, '')) : undefined;
  return finite(Number(plain), whole);
}

function finite(float: number, int: bigint | undefined): [number, bigint] {
  if (!Number.isFinite(float)) {
    throw new NodeFailure('ValueError', `Cannot convert non-finite value to number: ${pythonFloat(float)}`);
  }
  return [float, int ?? BigInt(Math.trunc(float))];
}
