import type { Tensor } from './safetensors.ts';

/** A head as one linear function of the embedding. */
export interface Head {
  readonly weights: Float64Array;
  readonly bias: number;
}

/**
 * Folds a chain of linear layers into one. LAION's aesthetic heads have no activation between their layers and dropout
 * does nothing when scoring, so five layers are one vector and one number. Layers are ordered by the numbers in their
 * names (`layers.0.weight`, `layers.2.weight`, ...). Throws what `fail` makes when they do not fit.
 */
export function foldHead(tensors: ReadonlyMap<string, Tensor>, fail: (reason: string) => Error): Head {
  const weights = [...tensors.keys()].filter((name) => /(^|\.)weight$/.test(name));
  const number = (name: string) => Number(/(\d+)\.weight$/.exec(name)?.[1] ?? 0);
  const layers = weights.sort((a, b) => number(a) - number(b)).map((name) => layerOf(name, tensors, fail));
  if (layers.length === 0 || tensors.size !== layers.reduce((sum, { parts }) => sum + parts, 0)) {
    throw fail('it is not a chain of linear layers');
  }
  let head: Head = { weights: Float64Array.of(1), bias: 0 };
  for (const layer of layers.reverse()) {
    if (layer.outputs !== head.weights.length) {
      throw fail(`${layer.name} has ${layer.outputs} outputs, and ${head.weights.length} were expected`);
    }
    const folded = new Float64Array(layer.inputs);
    let { bias } = head;
    for (let out = 0; out < layer.outputs; out++) {
      const factor = head.weights[out]!;
      bias += factor * (layer.bias?.[out] ?? 0);
      for (let i = 0; i < layer.inputs; i++) folded[i]! += factor * layer.weight[out * layer.inputs + i]!;
    }
    head = { weights: folded, bias };
  }
  if (!Number.isFinite(head.bias) || !head.weights.every(Number.isFinite))
    throw fail('it holds values that are not finite');
  return head;
}

/** The head's value for an embedding. */
export function applyHead({ weights, bias }: Head, embedding: Float32Array): number {
  let value = bias;
  for (let i = 0; i < weights.length; i++) value += weights[i]! * embedding[i]!;
  return value;
}

interface Layer {
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
  readonly weight: Float64Array;
  readonly bias?: Float64Array;
  /** Tensors it is made of. */
  readonly parts: number;
}

function layerOf(name: string, tensors: ReadonlyMap<string, Tensor>, fail: (reason: string) => Error): Layer {
  const { shape, values } = tensors.get(name)!;
  const bias = tensors.get(name.replace(/weight$/, 'bias'));
  const [outputs = 0, inputs = 0] = shape;
  if (shape.length !== 2 || outputs * inputs === 0) throw fail(`${name} is no matrix`);
  if (bias && bias.values.length !== outputs) throw fail(`the bias of ${name} does not fit`);
  return { name, outputs, inputs, weight: values, bias: bias?.values, parts: bias ? 2 : 1 };
}
