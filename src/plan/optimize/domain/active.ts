import type { Parameter, ParamValue } from '../space.ts';

/** Whether all conditions of a parameter hold; an inactive parent has no value, so nothing hangs on it. */
export function isActive({ when }: Parameter, params: Readonly<Record<string, ParamValue>>): boolean {
  return when === undefined || when.every(({ parent, values }) => values.includes(params[parent]!));
}
