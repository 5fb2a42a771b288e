import { CwfError, isCwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { jsonEqual } from '../base/json-text.ts';
import { placeText } from '../core/edit/describe.ts';
import { whereItLives } from '../core/transform/where-it-lives.ts';
import { type Address, inputPath, parseAddress } from '../core/workflow/address.ts';
import { type InputPlace, placeKey } from '../core/workflow/effective.ts';
import { linkOf } from '../core/workflow/read-api.ts';
import { nodeAt, withNode, withValue } from '../core/workflow/scopes.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Context } from './context.ts';
import { type RecordedEdit, type RecordOptions, recordEdit } from './record-edit.ts';
import { expectedKind, kindOfValue, type ValueKind } from './value-kind.ts';
import { defineVerb } from './verb.ts';

/** Which inputs of one workflow get which values. */
export interface SetInput extends Omit<RecordOptions, 'strict'> {
  /** Addresses (`address.ts`) with the new value as JSON, or as plain text where it is not JSON. */
  readonly values: readonly { readonly address: string; readonly value: string }[];
}

/** The commit that was made; dry without `oid`. */
export interface SetOutput extends RecordedEdit {
  /** Values of another kind than the input takes. */
  readonly warnings: readonly string[];
  /** Linked inputs whose value was set where it lives. */
  readonly followed: readonly Followed[];
}

/** A linked input, and the widget that its value comes from. */
export interface Followed extends InputPlace {
  readonly address: string;
  /** The widget in words. */
  readonly text: string;
}

/**
 * `cwf set`: new values into a committed workflow, its file and one commit. Throws ADDRESS_INVALID, NODE_NOT_FOUND,
 * INPUT_NOT_FOUND, INPUT_LINKED, VALUE_INVALID, and what `recordEdit` throws.
 */
export const set = defineVerb<SetInput, SetOutput>({
  name: 'set',
  summary: 'Change inputs of a workflow and commit',
  mutates: true,
  scope: 'propose',
  async run(ctx, { values, ...options }) {
    const { made, recorded } = await recordEdit(ctx, 'set', options, (before, file) =>
      setValues(ctx.catalog, before, file, values),
    );
    const { warnings, followed } = made;
    return { ...recorded, warnings, followed };
  },
});

/** A workflow with its new values. */
export interface AllSet extends Pick<SetOutput, 'warnings' | 'followed'> {
  readonly after: Workflow;
  /** What each value was read as, in their order. */
  readonly set: readonly { readonly address: string; readonly value: Json }[];
}

/**
 * Sets values in a workflow. Throws ADDRESS_INVALID, NODE_NOT_FOUND, INPUT_NOT_FOUND, INPUT_LINKED, VALUE_INVALID.
 */
export function setValues(
  catalog: Context['catalog'],
  start: Workflow,
  file: string,
  values: SetInput['values'],
): AllSet {
  let workflow = start;
  const warnings: string[] = [];
  const followed: Followed[] = [];
  const set: { address: string; value: Json }[] = [];
  for (const { address: text, value } of values) {
    const asked = parseAddress(text, workflow, file);
    const address = asked.link === undefined ? asked : linkedTo(workflow, asked, text);
    const node = nodeAt(workflow, address)!;
    if (placeKey(address) !== placeKey(asked)) {
      const { path: _path, link: _link, ...place } = address;
      followed.push({ address: text, ...place, text: placeText(address, workflow) });
    }
    const expected = expectedKind(catalog, node.class_type, address.input, node.widgets[address.input]!);
    const parsed = parseValue(value, expected, text);
    if (workflow.format === 'api' && linkOf(parsed))
      throw new CwfError('VALUE_INVALID', {
        address: text,
        reason: `an API file takes ${value.slice(0, 80)} for a link, and links are made in ComfyUI`,
      });
    set.push({ address: text, value: parsed });
    const kind = kindOfValue(parsed);
    if (expected !== undefined && kind !== expected)
      warnings.push(`${text}: ${expected} is expected, and it is ${kind} now`);
    if (!jsonEqual(node.widgets[address.input], parsed))
      workflow = withNode(workflow, address, withValue(node, address.input, parsed));
  }
  return { after: workflow, set, warnings, followed };
}

/** The widget that a linked input takes its value from. */
function linkedTo(workflow: Workflow, asked: Address, text: string): Address {
  const { scope, node, input } = whereItLives(workflow, asked, text);
  return { scope, node, input, path: inputPath(scope, node, 'widgets', input) };
}

/**
 * JSON where it is JSON, else text. Where a text is expected only a quoted text is taken as JSON: `30` stays "30". Where
 * something else is expected a text must be quoted too: `3O` is more likely a slip. JSON that no file may hold (NaN,
 * `__proto__`, half a surrogate pair) is refused for that reason, and not called a text.
 */
function parseValue(text: string, expected: ValueKind | undefined, address: string): Json {
  let json: Json;
  try {
    json = parseJson(text, { source: address });
  } catch (error) {
    const isBroken = isCwfError(error) && error.code !== 'JSON_SYNTAX';
    const isPlain =
      expected === undefined || (expected === 'a text' && !(isBroken && text.trimStart().startsWith('"')));
    if (isPlain) return text;
    const reason = isBroken
      ? error.message.replace(`${address}:`, '').replace(/^\d+:\d+: /, '')
      : `${text.slice(0, 80)} is not JSON, and the value is ${expected}`;
    throw new CwfError('VALUE_INVALID', { address, reason }, { cause: error, ...(isBroken && { hint: error.hint }) });
  }
  return expected === 'a text' && typeof json !== 'string' ? text : json;
}
