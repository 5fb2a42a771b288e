import type { Json } from '../../../base/json.ts';
import { jsonEqual } from '../../../base/json-text.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { diffByIds } from '../../../core/edit/diff.ts';
import type { Edit } from '../../../core/edit/edit.ts';
import { setInput } from '../../../core/transform/wiring.ts';
import { own } from '../../../core/workflow/names.ts';
import { nodeAt } from '../../../core/workflow/scopes.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Parameter, Params, ParamValue } from '../space.ts';
import { type Grid, tidy } from './bounds.ts';
import type { Target, Tunable } from './tunable.ts';

/** Numbers nearer than that are one: what a search hands back of 3.1 may be 3.1000000000000001. */
const SAME = 1e-9;

/**
 * The point that a workflow stands at: what its parameters are now, those that do not count there left out. Undefined
 * where a range of a space file leaves the present value out. [SP-15]
 */
export function currentPoint(tunables: readonly Tunable[]): Params | undefined {
  const point: Record<string, ParamValue> = {};
  for (const { parameter, current } of tunables) {
    const holds = (parameter.when ?? []).every(({ parent, values }) => values.includes(point[parent]!));
    if (!holds) continue;
    if (!hasValue(parameter, current)) return undefined;
    point[parameter.name] = current;
  }
  return point;
}

function hasValue(parameter: Parameter, value: ParamValue): boolean {
  if (parameter.kind === 'ordinal' || parameter.kind === 'categorical') return parameter.choices.includes(value);
  const { low, high, step } = parameter;
  if (typeof value !== 'number' || value < low - SAME || value > high + SAME) return false;
  const steps = step === undefined ? 0 : (value - low) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
}

/**
 * The workflow at a point of its space. Parameters without a value there get back what they were when the space was
 * found, so that a point says all and the one before it nothing: to apply a and then b is to apply b. [SP-13]
 */
export function atPoint(workflow: Workflow, tunables: readonly Tunable[], point: Params, catalog: Catalog): Workflow {
  let after = workflow;
  for (const { parameter, current, targets } of tunables) {
    const value = point[parameter.name] ?? current;
    for (const target of targets) {
      const { place } = target;
      const held = own(nodeAt(after, place)?.widgets, place.input);
      const json = jsonFor(target, value, { current, point, tunables });
      if (held === undefined || !isSame(held, json)) after = setInput(after, place, json, catalog);
    }
  }
  return after;
}

/** The edits that lead from a workflow to a point of its space; none where it stands there already. [SP-13] */
export function editsFor(workflow: Workflow, tunables: readonly Tunable[], point: Params, catalog: Catalog): Edit[] {
  return diffByIds(workflow, atPoint(workflow, tunables, point, catalog));
}

/** What stands in the file for a value of a parameter. */
function jsonFor(
  { write, grid, held }: Target,
  value: ParamValue,
  { current, point, tunables }: { current: ParamValue; point: Params; tunables: readonly Tunable[] },
): Json {
  if (write.as !== 'share' && isSame(value, current)) return held;
  if (write.as === 'width' || write.as === 'height') return sidesOf(value)[write.as === 'width' ? 0 : 1];
  if (write.as === 'share') {
    const owner = write.of === undefined ? undefined : tunables.find(({ parameter }) => parameter.name === write.of);
    const steps = Number((owner && (point[owner.parameter.name] ?? owner.current)) ?? write.steps);
    return Math.min(Math.max(1, Math.round(Number(value) * steps)), Math.max(1, steps - 1));
  }
  return typeof value === 'number' && grid ? onGrid(value, grid) : value;
}

function sidesOf(size: ParamValue): [number, number] {
  const [width, height] = String(size).split('x').map(Number);
  return [width ?? 0, height ?? 0];
}

/** A number as the node takes it: on its nearest step, inside its ends. */
function onGrid(value: number, { low = -Infinity, high = Infinity, step }: Grid): number {
  const inside = Math.min(Math.max(value, low), high);
  if (step === undefined) return tidy(inside);
  const base = Number.isFinite(low) && Math.abs(low) < Number.MAX_SAFE_INTEGER ? low : 0;
  const near = (origin: number): number => tidy(origin + Math.round((inside - origin) / step) * step);
  const [fromBase, fromZero] = [near(base), near(0)];
  // Steps count from the least value or from 0, as the page has it; a value on either stays.
  if (Math.abs(fromBase - inside) < SAME || Math.abs(fromZero - inside) < SAME) return tidy(inside);
  return Math.min(fromBase, high);
}

function isSame(held: Json, json: Json): boolean {
  if (typeof held === 'number' && typeof json === 'number') {
    return Math.abs(held - json) <= SAME * Math.max(1, Math.abs(held));
  }
  return jsonEqual(held, json);
}
