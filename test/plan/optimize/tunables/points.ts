import type { Rng } from '../../../../src/plan/optimize/rng.ts';
import type { Parameter, Params, ParamValue, Space } from '../../../../src/plan/optimize/space.ts';

/** A point of a space, uniform in each parameter: what these tests need of a sampler. */
export function randomPoint({ parameters }: Space, rng: Rng): Params {
  const point: Record<string, ParamValue> = {};
  for (const parameter of parameters) {
    const holds = (parameter.when ?? []).every(({ parent, values }) => values.includes(point[parent]!));
    if (holds) point[parameter.name] = randomValue(parameter, rng());
  }
  return point;
}

function randomValue(parameter: Parameter, u: number): ParamValue {
  if (parameter.kind === 'ordinal' || parameter.kind === 'categorical') {
    return parameter.choices[Math.floor(u * parameter.choices.length)]!;
  }
  const { kind, low, high, log } = parameter;
  const step = parameter.step ?? (kind === 'int' && !log ? 1 : undefined);
  if (step !== undefined) return low + step * Math.floor(u * (Math.floor((high - low) / step + 1e-9) + 1));
  const value = log ? low * (high / low) ** u : low + u * (high - low);
  return kind === 'int' ? Math.min(high, Math.max(low, Math.round(value))) : value;
}
