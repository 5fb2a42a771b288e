import { NodeFailure } from './failure.ts';

/**
 * Numbers as torch holds them: 32-bit floats, the last dimension running fastest. An image is batch x height x width x
 * channels with values of 0 to 1, a mask batch x height x width.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What travels along a link. A bigint is Python's int, a number its float: `1` and `1.0` are told apart as there. */
export type Value = null | boolean | bigint | number | string | Tensor | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [key: string]: Value;
}

/** Elements that one tensor may have: 512 MiB of floats, four images of 4096 x 2730. docs/limits.md tells why. */
export const MOST_ELEMENTS = 2 ** 27;

/** Elements that all kept results may have together: 2 GiB of floats. */
export const MOST_KEPT = 2 ** 29;

/** Whether a value is a tensor. */
export function isTensor(value: Value | undefined): value is Tensor {
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array;
}

/** A tensor of zeros. Throws a NodeFailure as torch does for a negative size, and for one beyond the limit. */
export function zeros(...shape: number[]): Tensor {
  const negative = shape.find((size) => size < 0);
  if (negative !== undefined) {
    throw new NodeFailure(
      'RuntimeError',
      `Trying to create tensor with negative dimension ${negative}: [${shape.join(', ')}]`,
    );
  }
  const elements = shape.reduce((a, b) => a * b, 1);
  if (elements > MOST_ELEMENTS) {
    throw new NodeFailure(
      'MemoryError',
      `a tensor of ${shape.join(' x ')} has more than the ${MOST_ELEMENTS} elements that the embedded engine allows`,
    );
  }
  return { shape, data: new Float32Array(elements) };
}

/** The size of one dimension, which a tensor of this kind has; a negative index counts from the last. */
export function size(tensor: Tensor, dimension: number): number {
  return tensor.shape.at(dimension)!;
}
