import { isObject, type Json } from '../../../base/json.ts';
import { parseJson } from '../../../base/json-parse.ts';

/** A tensor as numbers. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Greatest header that is read; heads of metrics have a dozen tensors. */
const HEADER_BYTES = 1 << 20;

const BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/**
 * Reads a small safetensors file. Lengths and offsets are checked before anything is read by them: names stand once,
 * tensors fill the file without overlap or gap. Throws what `fail` makes.
 */
export function readSafetensors(bytes: Buffer, fail: (reason: string) => Error): ReadonlyMap<string, Tensor> {
  if (bytes.length < 8) throw fail('it is too short for a safetensors file');
  const length = bytes.readBigUInt64LE(0);
  if (length > BigInt(HEADER_BYTES)) throw fail(`its header would have ${length} bytes`);
  const start = 8 + Number(length);
  if (start > bytes.length) throw fail('its header is longer than the file');
  if (bytes[8] !== 0x7b) throw fail('its header does not begin with {');
  const header = headerOf(bytes.subarray(8, start), fail);
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({ name, ...placeOf(entry, (reason) => fail(`tensor ${name}: ${reason}`)) }))
    .sort((a, b) => a.from - b.from);
  let end = 0;
  for (const { name, from, to } of tensors) {
    if (from !== end) throw fail(`tensor ${name}: it overlaps another or leaves a gap`);
    end = to;
  }
  if (start + end !== bytes.length) throw fail(`its tensors have ${end} bytes, the file ${bytes.length - start}`);
  return new Map(
    tensors.map(({ name, dtype, shape, from, to }) => [
      name,
      { shape, values: numbers(bytes.subarray(start + from, start + to), dtype) },
    ]),
  );
}

function headerOf(bytes: Buffer, fail: (reason: string) => Error): { readonly [name: string]: Json } {
  try {
    const json = parseJson(bytes.toString('utf8').trimEnd(), { source: 'header', maxBytes: HEADER_BYTES });
    if (isObject(json)) return json;
  } catch (error) {
    throw fail((error as Error).message);
  }
  throw fail('its header is no object');
}

interface Place {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function placeOf(entry: Json, fail: (reason: string) => Error): Place {
  if (!isObject(entry)) throw fail('it is not described');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || BYTES[dtype] === undefined) throw fail(`its type ${String(dtype)} is not read`);
  const isCount = (value: Json | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail('its shape is no list of sizes');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw fail('its offsets are no two places');
  const [from, to] = offsets as unknown as readonly [number, number];
  const bytes = (shape as readonly number[]).reduce((product, size) => product * size, 1) * BYTES[dtype]!;
  if (to - from !== bytes) throw fail(`its offsets hold ${to - from} bytes, its shape ${bytes}`);
  return { dtype, shape: shape as readonly number[], from, to };
}

function numbers(bytes: Buffer, dtype: string): Float64Array {
  const size = BYTES[dtype]!;
  const read: Readonly<Record<string, (at: number) => number>> = {
    F64: (at) => bytes.readDoubleLE(at),
    F32: (at) => bytes.readFloatLE(at),
    F16: (at) => half(bytes.readUInt16LE(at)),
    BF16: (at) => brain(bytes.readUInt16LE(at)),
  };
  return Float64Array.from({ length: bytes.length / size }, (_, i) => read[dtype]!(i * size));
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a binary32. */
function brain(bits: number): number {
  const word = Buffer.alloc(4);
  word.writeUInt16LE(bits, 2);
  return word.readFloatLE(0);
}
