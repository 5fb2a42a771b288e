import { isCwfError } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { parseAddress } from '../../../core/workflow/address.ts';
import { type InputPlace, placeKey } from '../../../core/workflow/effective.ts';
import { own } from '../../../core/workflow/names.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Tunable } from '../tunables/tunable.ts';

/** Found parameters as a space file has them: `readSpaceFile` reads them back as they were. [SP-15] */
export function spaceFileOf(tunables: readonly Tunable[], workflow: Workflow, name: string): JsonObject {
  const parameters: JsonObject = {};
  for (const tunable of tunables) parameters[tunable.parameter.name] = parameterOf(tunable, workflow);
  return { workflow: name, parameters };
}

/** The address that names a place, as `parseAddress` reads it: the subgraph by its name where that is enough. */
export function addressText({ scope, node, input }: InputPlace, workflow: Workflow): string {
  const text = `${node}.${input}`;
  if (scope === undefined) return text;
  const named = `${own(workflow.subgraphs, scope)?.name}/${text}`;
  try {
    const found = parseAddress(named, workflow);
    if (placeKey(found) === placeKey({ scope, node, input })) return named;
  } catch (error) {
    if (!isCwfError(error)) throw error;
  }
  return `${scope}/${text}`;
}

function parameterOf({ parameter, targets }: Tunable, workflow: Workflow): JsonObject {
  const { name: _name, kind, when, ...bounds } = parameter;
  const places = (as: string): string[] =>
    targets.filter(({ write }) => write.as === as).map(({ place }) => addressText(place, workflow));
  const [target, ...tie] = places('value');
  const [widths, heights, shares] = [places('width'), places('height'), places('share')];
  const share = targets.map(({ write }) => write).find((write) => write.as === 'share');
  return {
    ...(target === undefined ? {} : { target }),
    ...(tie.length > 0 ? { tie } : {}),
    ...(heights.length > 0 ? { width: single(widths.length > 0 ? widths : heights), height: single(heights) } : {}),
    ...(share ? { share: single(shares), of: share.of ?? share.steps } : {}),
    type: kind,
    ...(bounds as JsonObject),
    ...(when ? { when: Object.fromEntries(when.map(({ parent, values }) => [parent, [...values]])) } : {}),
  };
}

function single(list: string[]): string | string[] {
  return list.length === 1 ? list[0]! : list;
}
