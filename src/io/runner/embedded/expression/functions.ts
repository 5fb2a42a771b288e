import { NodeFailure } from '../failure.ts';
import { pythonRepr, pythonText, pythonType } from '../python.ts';
import type { Value } from '../values.ts';
import { arithmetic, asNumber, compare, type Num, power, toFloat } from './arithmetic.ts';

type Call = (given: readonly Value[]) => Value;

/** ComfyUI's bound on the exponent of `pow`. */
const MOST_EXPONENT = 4000;

/** The functions that an expression may call, as Python has them. Each throws a NodeFailure. */
export const FUNCTIONS: Readonly<Record<string, Call>> = {
  sum: (given) => all(given).reduce<Value>((sum, one) => arithmetic('+', sum, one), 0n),
  min: (given) => extreme('min', given, '<'),
  max: (given) => extreme('max', given, '>'),
  abs: ([value]) => {
    const number = one('abs', value);
    return number < 0 ? -number : number;
  },
  round: ([value, digits]) => round(one('round', value), digits),
  pow: ([base, exponent, modulus]) => {
    const [a, b] = [one('pow', base), one('pow', exponent)];
    if (Math.abs(Number(b)) > MOST_EXPONENT) {
      throw new NodeFailure('ValueError', `Exponent ${pythonText(b)} exceeds maximum allowed (${MOST_EXPONENT})`);
    }
    if (modulus !== undefined)
      throw new NodeFailure('TypeError', '_safe_pow() takes 2 positional arguments but 3 were given');
    return power(a, b);
  },
  sqrt: float('sqrt', Math.sqrt, (x) => x >= 0),
  ceil: ([value]) => whole('ceil', value, Math.ceil),
  floor: ([value]) => whole('floor', value, Math.floor),
  log: ([value, base]) => {
    const top = logarithm(value);
    if (base === undefined) return top;
    const bottom = logarithm(base);
    if (bottom === 0) throw new NodeFailure('ZeroDivisionError', 'float division by zero');
    return top / bottom;
  },
  log2: float('log2', Math.log2, (x) => x > 0),
  log10: float('log10', Math.log10, (x) => x > 0),
  sin: float('sin', Math.sin, Number.isFinite),
  cos: float('cos', Math.cos, Number.isFinite),
  tan: float('tan', Math.tan, Number.isFinite),
  int: ([value]) => (value === undefined ? 0n : whole('int', value, Math.trunc)),
  float: ([value]) => (value === undefined ? 0 : toFloat(one('float', value))),
};

function logarithm(value: Value | undefined): number {
  return float('log', Math.log, (x) => x > 0)([value ?? null]) as number;
}

function all(given: readonly Value[]): readonly Value[] {
  return given.length === 1 && Array.isArray(given[0]) ? (given[0] as readonly Value[]) : given;
}

function one(name: string, value: Value | undefined): Num {
  const number = asNumber(value);
  if (number !== undefined) return number;
  const told =
    value === undefined
      ? `${name}() takes exactly one argument (0 given)`
      : `must be real number, not ${pythonType(value)}`;
  throw new NodeFailure('TypeError', told);
}

function extreme(name: string, given: readonly Value[], operator: string): Value {
  if (given.length === 0) throw new NodeFailure('TypeError', `${name} expected at least 1 argument, got 0`);
  if (given.length === 1 && !Array.isArray(given[0])) {
    throw new NodeFailure('TypeError', `'${pythonType(given[0])}' object is not iterable`);
  }
  const values = all(given);
  if (values.length === 0) throw new NodeFailure('ValueError', `${name}() arg is an empty sequence`);
  return values.reduce((best, value) => (compare(operator, value, best) ? value : best));
}

function float(name: string, of: (x: number) => number, isKnown: (x: number) => boolean): Call {
  return ([value]) => {
    const x = toFloat(one(name, value));
    if (!Number.isNaN(x) && !isKnown(x)) throw new NodeFailure('ValueError', 'math domain error');
    return of(x);
  };
}

function whole(name: string, value: Value | undefined, of: (x: number) => number): bigint {
  const number = one(name, value);
  if (typeof number === 'bigint') return number;
  if (Number.isNaN(number)) throw new NodeFailure('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(number)) throw new NodeFailure('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(of(number));
}

/** Python's `round`: halves to the even neighbour, decided on the exact value of the float. */
function round(value: Num, digits: Value | undefined): Num {
  if (digits === undefined || digits === null) {
    return typeof value === 'bigint' ? value : whole('round', value, (x) => Number(decimals(x, 0)));
  }
  const places = asNumber(digits);
  if (typeof places !== 'bigint') {
    throw new NodeFailure('TypeError', `'${pythonType(digits)}' object cannot be interpreted as an integer`);
  }
  if (typeof value === 'bigint') return places >= 0n ? value : roundInt(value, 10n ** -places);
  if (!Number.isFinite(value) || places > 50n) return value;
  if (places >= 0n) return Number(decimals(value, Number(places)));
  if (places < -308n) return 0;
  const step = 10n ** -places;
  const down = BigInt(Math.trunc(value));
  // What is behind the point decides only where the whole part lies exactly in the middle.
  const isPast = (2n * (down < 0n ? -down : down)) % (2n * step) === step && !Number.isInteger(value);
  return Number(roundInt(isPast ? down + (value < 0 ? -1n : 1n) : down, step));
}

function roundInt(value: bigint, step: bigint): bigint {
  const size = value < 0n ? -value : value;
  const [quotient, rest] = [size / step, size % step];
  const up = rest * 2n > step || (rest * 2n === step && quotient % 2n === 1n);
  const rounded = (quotient + (up ? 1n : 0n)) * step;
  return value < 0n ? -rounded : rounded;
}

/** A float to so many places, from all its digits. Throws a NodeFailure where there are too many of them. */
function decimals(value: number, places: number): string {
  if (Math.abs(value) >= 1e21) return String(value);
  const exact = value.toFixed(100);
  const [integer, fraction] = exact.replace('-', '').split('.') as [string, string];
  const kept = BigInt(integer + fraction.slice(0, places));
  const rest = fraction.slice(places);
  const isTie = /^50*$/.test(rest);
  const up = isTie ? kept % 2n === 1n : rest >= '5';
  const digits = String(kept + (up ? 1n : 0n)).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return value < 0 ? `-${text}` : text;
}

/** Text of a value in a message about a result. */
export function shownResult(value: Value): string {
  return `${pythonType(value)}: ${pythonRepr(value)}`;
}
