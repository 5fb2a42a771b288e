import { image } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { jsonText, pythonText } from '../python.ts';
import { size, type Value } from '../values.ts';

const passOn = (classType: string): Operation => ({ classType, run: (inputs) => ({ outputs: [inputs['value']!] }) });

/** The nodes that hold one value. */
export const PRIMITIVES: readonly Operation[] = [
  'PrimitiveInt',
  'PrimitiveFloat',
  'PrimitiveString',
  'PrimitiveStringMultiline',
  'PrimitiveBoolean',
].map(passOn);

export const seed: Operation = {
  classType: 'SeedNode',
  run: (inputs) => ({ outputs: [inputs['seed']!] }),
};

export const primitiveBoundingBox: Operation = {
  classType: 'PrimitiveBoundingBox',
  run({ x, y, width, height }) {
    return { outputs: [{ x: x!, y: y!, width: width!, height: height! }] };
  },
};

export const getImageSize: Operation = {
  classType: 'GetImageSize',
  run(inputs, context) {
    const source = image(inputs, 'image');
    const [batch, height, width] = [0, 1, 2].map((i) => size(source, i)) as [number, number, number];
    context.tell(`width: ${width}, height: ${height}\n batch size: ${batch}`);
    return { outputs: [BigInt(width), BigInt(height), BigInt(batch)] };
  },
};

export const previewAny: Operation = {
  classType: 'PreviewAny',
  method: 'main',
  run(inputs) {
    const text = shown(inputs['source'] ?? null);
    return { outputs: [text], ui: { text: [text] } };
  },
};

function shown(value: Value): string {
  if (value === null || typeof value !== 'object') return pythonText(value);
  return jsonText(value, { indent: 4, ascii: false }) ?? pythonText(value);
}
