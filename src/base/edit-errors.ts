import { type ErrorRow, row } from './error-row.ts';

/** Errors of typed edits: part of the one table of errors. */
export const EDIT_ERRORS = {
  VALUE_REFUSED: row(
    'invalid',
    (d) => `${d.address}: ${d.reason}`,
    (d) =>
      [...(d.near ? [`Nearest: ${d.near}.`] : []), ...(d.force ? ['To write it all the same give --force.'] : [])].join(
        ' ',
      ) || 'Choose another value.',
  ),
  LINK_REFUSED: row(
    'invalid',
    (d) => `${d.from} cannot feed ${d.to}: ${d.reason}`,
    (d) => (d.near ? `What fits: ${d.near}.` : 'Choose another output.'),
  ),
  NODE_EXISTS: row(
    'conflict',
    (d) => `${d.source}: there is a node ${d.node} already (${d.class_type})`,
    (d) => `Leave the id out, or take ${d.free}.`,
  ),
  TRANSFORM_UNKNOWN: row(
    'usage',
    (d) => `no transform ${d.transform}`,
    (d) => `${d.known ? `Did you mean: ${d.known}? ` : ''}\`cwf help edit\` lists them all.`,
  ),
  TRANSFORM_ARGS: row(
    'usage',
    (d) => `${d.transform}: ${d.reason}`,
    (d) => `It takes: ${d.known}.`,
  ),
  TRANSFORM_REFUSED: row(
    'invalid',
    (d) => `${d.transform}: ${d.reason}`,
    (d) => d.remedy ?? 'See docs/editing.md for what each transform needs.',
  ),
  TRANSFORM_FAILED: row(
    'invalid',
    (d) => `transform ${d.index} (${d.transform}): ${d.reason}`,
    (d) => `Nothing was changed. ${d.remedy}`,
  ),
  TRANSFORMS_INVALID: row(
    'invalid',
    (d) => `${d.source}: ${d.reason}`,
    () => 'It is a JSON list, or a line each, of {"op": "set", "args": {"input": "3.steps", "value": 30}}.',
  ),
  EDIT_REFUSED: row(
    'invalid',
    (d) => `${d.source}: the change brings ${d.count}: ${d.first}`,
    () => 'Without --strict (of a merge, --check) it is made all the same, and told.',
  ),
} as const satisfies Record<string, ErrorRow>;
