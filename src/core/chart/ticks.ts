/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** The numbers of an axis. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The smallest step of 1, 2 or 5 times a power of ten that cuts a span into at most so many parts (Heckbert 1990). */
export function niceStep(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((one) => span / one <= most * (1 + 1e-9));
  return step ?? 10 * power;
}

/** Round numbers from `low` to `high`, at most `most + 1`; one where both are the same. */
export function linearTicks({ low, high }: Range, most: number): Tick[] {
  const step = niceStep(high - low, most);
  // Ends that only the last digits tell apart have no round numbers between them.
  const isTooClose = step < 1e-12 * Math.max(Math.abs(low), Math.abs(high));
  if (!(high > low) || !(step > 0) || !Number.isFinite(step) || isTooClose) {
    return [{ value: low, text: numberText(low) }];
  }
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const value = clamp((first + i) * step, low, high);
    return { value, text: stepText((first + i) * step, step) };
  });
}

/** Powers of ten, between them 2 and 5 where there is room; round numbers where the ends are closer than that. */
export function logTicks({ low, high }: Range, most: number): Tick[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = last - first;
  if (!(low > 0) || !(high > low) || decades > 700) return linearTicks({ low, high }, most);
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const every = digits.length > 1 ? 1 : Math.max(1, Math.ceil(decades / most));
    const values: number[] = [];
    for (let power = first; power <= last; power += every) {
      for (const digit of digits) values.push(Number(`${digit}e${power}`));
    }
    const inside = values.filter((value) => value >= low && value <= high);
    if (inside.length < 2) break;
    if (inside.length <= most + 1) return inside.map((value) => ({ value, text: numberText(value) }));
  }
  return linearTicks({ low, high }, most);
}

/** A number in few characters: at most four digits that count, very great and very small ones with an exponent. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e6)) {
    // A whole number is told whole.
    return minus(String(Number.isInteger(value) ? value : Number(value.toPrecision(4))));
  }
  return minus(value.toExponential(3).replace(/\.?0*e\+?/, 'e'));
}

/** Numbers of one column: as `numberText` has them, with as many decimals each as the longest of them. */
export function numberColumn(values: readonly number[]): string[] {
  const texts = values.map(numberText);
  const isPlain = texts.every((text) => /^−?\d+(\.\d+)?$/.test(text));
  const decimals = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  return isPlain ? values.map((value) => minus(value.toFixed(decimals))) : texts;
}

/** Most decimals of a number with an error. */
const DECIMALS = 6;

/** `0.581 ± 0.012`: the error in two digits, the number in as many decimals. */
export function withError(value: number | undefined, error: number | undefined): string {
  if (value === undefined || error === undefined || !(error > 0))
    return value === undefined ? 'none' : numberText(value);
  const decimals = 1 - Math.floor(Math.log10(error));
  if (decimals > DECIMALS || Math.abs(value) >= 1e9) return `${numberText(value)} ± ${numberText(error)}`;
  const digits = Math.max(0, decimals);
  return `${value.toFixed(digits).replace('-', '−')} ± ${error.toFixed(digits)}`;
}

/** A multiple of a step, with the digits that the step needs. */
function stepText(value: number, step: number): string {
  if (value === 0) return '0';
  const size = Math.max(Math.abs(value), step);
  if (size >= 1e6 || step < 1e-4) return minus(Number(value.toPrecision(6)).toExponential().replace('e+', 'e'));
  return minus(value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
}

function minus(text: string): string {
  return text.replace(/^-/, '−').replace('e-', 'e−');
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
