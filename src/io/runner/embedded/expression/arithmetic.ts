import { NodeFailure } from '../failure.ts';
import { pythonText, pythonType } from '../python.ts';
import type { Value } from '../values.ts';

/** A number as Python calculates with it: true and false are 1 and 0. */
export type Num = bigint | number;

/** simpleeval's bound on both sides of `**`, and ours on the bits of a whole number, which Python has no bound for. */
const MOST_POWER = 4_000_000;
const MOST_BITS = 100_000;
const MOST_SHIFT = 10_000;

/** A value as a number, undefined where it is none. */
export function asNumber(value: Value | undefined): Num | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

/** `left operator right` by Python's rules. Throws a NodeFailure. */
export function arithmetic(operator: string, left: Value, right: Value): Value {
  const [a, b] = [asNumber(left), asNumber(right)];
  const areInts = typeof a === 'bigint' && typeof b === 'bigint';
  if (a === undefined || b === undefined || ('&|^<<>>'.includes(operator) && !areInts)) {
    const shown = operator === '**' ? '** or pow()' : operator;
    const told = `unsupported operand type(s) for ${shown}: '${pythonType(left)}' and '${pythonType(right)}'`;
    throw new NodeFailure('TypeError', told);
  }
  if (operator === '**') return safePower(a, b);
  if (operator === '/') return divide(a, b);
  const result = areInts ? ofInts(operator, a, b) : ofFloats(operator, toFloat(a), toFloat(b));
  if (typeof result === 'bigint' && bits(result) > MOST_BITS) throw tooLarge();
  return result;
}

function ofInts(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      if (bits(a) + bits(b) > MOST_BITS) throw tooLarge();
      return a * b;
    case '//': {
      if (b === 0n) throw new NodeFailure('ZeroDivisionError', 'integer division or modulo by zero');
      const quotient = a / b;
      return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
    }
    case '%': {
      if (b === 0n) throw new NodeFailure('ZeroDivisionError', 'integer modulo by zero');
      const rest = a % b;
      return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
    }
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    default: {
      if (b < 0n) throw new NodeFailure('ValueError', 'negative shift count');
      // simpleeval's bounds on both sides of a shift.
      if (b > BigInt(MOST_SHIFT) || bits(a) > MOST_BITS) throw tooLarge();
      return operator === '<<' ? a << b : a >> b;
    }
  }
}

function ofFloats(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      if (b === 0) throw new NodeFailure('ZeroDivisionError', 'float floor division by zero');
      return Math.floor((a - modulo(a, b)) / b + 0.5);
    default:
      if (b === 0) throw new NodeFailure('ZeroDivisionError', 'float modulo');
      return modulo(a, b);
  }
}

/** The rest with the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function divide(a: Num, b: Num): number {
  if (Number(b) === 0) {
    const areInts = typeof a === 'bigint' && typeof b === 'bigint';
    throw new NodeFailure('ZeroDivisionError', areInts ? 'division by zero' : 'float division by zero');
  }
  if (typeof a === 'bigint' && typeof b === 'bigint' && (bits(a) > 53 || bits(b) > 53)) return ratio(a, b);
  return toFloat(a) / toFloat(b);
}

/** A quotient of whole numbers that doubles cannot hold, rounded once: 64 bits of it, the last one sticky. */
function ratio(a: bigint, b: bigint): number {
  const [top, bottom] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const shift = 64 - (bits(top) - bits(bottom));
  const [scaledTop, scaledBottom] = shift >= 0 ? [top << BigInt(shift), bottom] : [top, bottom << BigInt(-shift)];
  const quotient = scaledTop / scaledBottom;
  const sticky = scaledTop % scaledBottom === 0n ? quotient : quotient | 1n;
  const value = Number(sticky) * 2 ** -shift;
  if (!Number.isFinite(value)) throw new NodeFailure('OverflowError', 'integer division result too large for a float');
  return a < 0n !== b < 0n ? -value : value;
}

function safePower(a: Num, b: Num): Num {
  if (Math.abs(Number(a)) > MOST_POWER || Math.abs(Number(b)) > MOST_POWER) {
    const told = `Sorry! I don't want to evaluate ${pythonText(a)} ** ${pythonText(b)}`;
    throw new NodeFailure('simpleeval.NumberTooHigh', told);
  }
  return power(a, b);
}

/** Python's `a ** b`. Throws a NodeFailure, also for what would be a complex number. */
export function power(a: Num, b: Num): Num {
  if (typeof a === 'bigint' && typeof b === 'bigint' && b >= 0n) {
    if (bits(a) * Number(b) > MOST_BITS) throw tooLarge();
    return a ** b;
  }
  const [base, exponent] = [toFloat(a), toFloat(b)];
  if (base === 0 && exponent < 0) {
    throw new NodeFailure('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  }
  if (base < 0 && Number.isFinite(base) && !Number.isInteger(exponent) && Number.isFinite(exponent)) {
    throw new NodeFailure('ValueError', 'must evaluate to a numeric result, got complex');
  }
  // Of one and an infinity, or anything and zero, Python makes 1.
  if (base === 1 || exponent === 0) return 1;
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent)) {
    throw new NodeFailure('OverflowError', "(34, 'Numerical result out of range')");
  }
  return result;
}

/** Whether `left operator right` holds. Throws a NodeFailure for values that have no order. */
export function compare(operator: string, left: Value, right: Value): boolean {
  const [a, b] = [asNumber(left), asNumber(right)];
  if (operator === 'in' || operator === 'not in') {
    if (!Array.isArray(right)) {
      throw new NodeFailure('TypeError', `argument of type '${pythonType(right)}' is not iterable`);
    }
    const isIn = (right as readonly Value[]).some((one) => compare('==', left, one));
    return isIn === (operator === 'in');
  }
  if (a !== undefined && b !== undefined) return ofNumbers(operator, a, b);
  if (operator === '==' || operator === 'is') return left === right;
  if (operator === '!=' || operator === 'is not') return left !== right;
  const told = `'${operator}' not supported between instances of '${pythonType(left)}' and '${pythonType(right)}'`;
  throw new NodeFailure('TypeError', told);
}

function ofNumbers(operator: string, a: Num, b: Num): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '==':
    case 'is':
      // biome-ignore lint/suspicious/noDoubleEquals: a whole number and a float may be equal
      return a == b;
    default:
      // biome-ignore lint/suspicious/noDoubleEquals: as above
      return a != b;
  }
}

/** A number as a float. Throws a NodeFailure OverflowError for a whole number beyond floats. */
export function toFloat(value: Num): number {
  const float = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(float)) {
    throw new NodeFailure('OverflowError', 'int too large to convert to float');
  }
  return float;
}

function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

function tooLarge(): NodeFailure {
  return new NodeFailure('ValueError', `a whole number would have more than ${MOST_BITS} bits`);
}
