import { NodeFailure } from './failure.ts';
import type { Inputs } from './operation.ts';
import { pythonType } from './python.ts';
import { isTensor, type Tensor, type Value } from './values.ts';

/** An image input. Throws a NodeFailure, in Python's words, for anything else. */
export function image(inputs: Inputs, name: string): Tensor {
  return tensorOf(inputs[name], 4);
}

/** A mask input; an image of one picture and no channels of its own is one too. Throws a NodeFailure. */
export function mask(inputs: Inputs, name: string): Tensor {
  const tensor = tensorOf(inputs[name], undefined);
  if (tensor.shape.length === 3) return tensor;
  if (tensor.shape.length === 2) return { shape: [1, ...tensor.shape], data: tensor.data };
  // As `reshape((-1, height, width))` reads an image: the last two dimensions are taken for height and width.
  const [height, width] = tensor.shape.slice(-2) as [number, number];
  return { shape: [tensor.data.length / (height * width || 1), height, width], data: tensor.data };
}

/** A tensor; `dimensions` where it must have that many. Throws a NodeFailure. */
export function tensorOf(value: Value | undefined, dimensions: number | undefined): Tensor {
  if (!isTensor(value)) {
    throw new NodeFailure('AttributeError', `'${pythonType(value)}' object has no attribute 'shape'`);
  }
  if (dimensions !== undefined && value.shape.length !== dimensions) {
    const told = `got a tensor with ${value.shape.length} dimensions where ${dimensions} are needed`;
    throw new NodeFailure('IndexError', told);
  }
  return value;
}

/** A whole number input. Throws a NodeFailure. */
export function int(inputs: Inputs, name: string): number {
  const value = inputs[name];
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw wrong(name, value, 'an int');
}

/** A number input. Throws a NodeFailure. */
export function float(inputs: Inputs, name: string): number {
  const value = inputs[name];
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw wrong(name, value, 'a float');
}

/** A text input. Throws a NodeFailure. */
export function text(inputs: Inputs, name: string): string {
  const value = inputs[name];
  if (typeof value === 'string') return value;
  throw wrong(name, value, 'a str');
}

/** Whether an input counts as true, by Python's rule. */
export function flag(inputs: Inputs, name: string): boolean {
  return truthy(inputs[name] ?? null);
}

/** Python's rule of truth. Throws a NodeFailure for a tensor of more than one element. */
export function truthy(value: Value): boolean {
  if (isTensor(value)) {
    if (value.data.length === 1) return value.data[0] !== 0;
    const told = 'Boolean value of Tensor with more than one value is ambiguous';
    throw new NodeFailure('RuntimeError', told);
  }
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

function wrong(name: string, value: Value | undefined, wanted: string): NodeFailure {
  return new NodeFailure('TypeError', `${name} must be ${wanted}, not '${pythonType(value)}'`);
}
