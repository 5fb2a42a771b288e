import { isCwfError } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import type { DeclaredInput } from '../../../core/catalog/declared-inputs.ts';
import { refusal } from '../../../core/transform/checks.ts';
import { declaredFor } from '../../../core/transform/put-value.ts';
import { whereItLives } from '../../../core/transform/where-it-lives.ts';
import { parseAddress } from '../../../core/workflow/address.ts';
import { type InputPlace, isHolder, placeKey, readersOf } from '../../../core/workflow/effective.ts';
import { own } from '../../../core/workflow/names.ts';
import { nodeAt } from '../../../core/workflow/scopes.ts';
import type { Workflow } from '../../../core/workflow/types.ts';
import type { Condition, Parameter, ParamValue } from '../space.ts';
import { gridOf, tidy, type Unnamed } from '../tunables/bounds.ts';
import type { Meaning, Target, Tunable, Write } from '../tunables/tunable.ts';
import { Field, type FieldSource } from './reader.ts';

/** A value that was found, searched or held, with the inputs that read it in one state of a switch or another. */
export interface KnownValue {
  readonly meaning: Meaning;
  readonly targets: readonly { readonly place: InputPlace }[];
  readonly readers: readonly InputPlace[];
}

/** What a space file is about. */
export interface SpaceFileSubject {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  /** What is known of places by what they mean (`findTunables`). */
  readonly known?: readonly KnownValue[];
}

const TOP = ['workflow', 'parameters'];
const FIELDS = [
  'target',
  'tie',
  'width',
  'height',
  'share',
  'of',
  'type',
  'low',
  'high',
  'step',
  'log',
  'choices',
  'when',
];
/** Names that no JSON object may own. */
const RESERVED = new Set(['', '__proto__', 'constructor', 'prototype']);
const TYPES = ['float', 'int', 'ordinal', 'categorical'];

/**
 * The parameters of a space file for a workflow: the addresses are looked up and followed to where the values live, and
 * every value that could be suggested is one that its inputs take. Throws SPACE_FILE_INVALID with file, line and field.
 * [SP-15] [SP-16]
 */
export function readSpaceFile(json: Json, subject: SpaceFileSubject, file: FieldSource): Tunable[] {
  const top = new Field(json, [], file);
  top.object(TOP);
  const parameters = top.get('parameters');
  if (!parameters || parameters.entries().length === 0) throw (parameters ?? top).fault('it names no parameters');
  const whole = { ...subject, readers: readersOf(subject.workflow) };
  const tunables: Tunable[] = [];
  const taken = new Map<string, string>();
  for (const [name, field] of parameters.entries()) {
    if (RESERVED.has(name)) throw field.fault('no parameter can have that name');
    tunables.push(readParameter(name, field, whole, tunables, taken));
  }
  return tunables;
}

/** A workflow with the inputs that read each of its widgets. */
interface Subject extends SpaceFileSubject {
  readonly readers: ReadonlyMap<string, readonly InputPlace[]>;
}

/** A place of the workflow as a target, before its value is known to fit. */
interface Found {
  readonly field: Field;
  readonly place: InputPlace;
  readonly held: Json;
  readonly inputs: readonly DeclaredInput[];
  readonly as: Write['as'];
}

function readParameter(
  name: string,
  field: Field,
  subject: Subject,
  before: readonly Tunable[],
  taken: Map<string, string>,
): Tunable {
  field.object(FIELDS);
  const found = targetsIn(field, subject);
  for (const one of found) {
    const key = placeKey(one.place);
    const other = taken.get(key);
    if (other !== undefined && other !== name) throw one.field.fault(`${other} is written there already`);
    taken.set(key, name);
  }
  const parameter = { name, ...kindOf(field, found), ...whenOf(field, before) } as Parameter;
  checkValues(field, parameter, found);
  const steps = field.get('of');
  const targets = distinct(found).map(({ place, held, inputs, as }): Target => {
    const write: Write = as === 'share' ? shareOf(steps, before, field) : { as };
    return { place, write, held, ...(as === 'value' ? gridOf(inputs, held) : {}) };
  });
  const current = currentOf(targets, field);
  const readers = targets.map(({ place }) => place);
  return { parameter, meaning: meaningOf(targets, subject), current, targets, readers, why: 'space file' };
}

/** Each place once: width and height of what is always square are one. */
function distinct(found: readonly Found[]): Found[] {
  return [...new Map(found.map((one) => [placeKey(one.place), one])).values()];
}

function meaningOf(targets: readonly Target[], { known = [] }: SpaceFileSubject): Meaning {
  const places = new Set(targets.map(({ place }) => placeKey(place)));
  const found = known.find((one) => one.targets.some(({ place }) => places.has(placeKey(place))));
  return found?.meaning ?? 'other';
}

function targetsIn(field: Field, subject: Subject): Found[] {
  const find = (key: string, as: Write['as']): Found[] =>
    (field.get(key)?.list() ?? []).map((one) => findPlace(one, as, subject));
  const [values, sides, shares] = [
    [...find('target', 'value'), ...find('tie', 'value')],
    [...find('width', 'width'), ...find('height', 'height')],
    find('share', 'share'),
  ];
  const kinds = [values, sides, shares].filter((list) => list.length > 0);
  if (kinds.length === 0) throw field.fault('it has no target: the address of the input that gets the value');
  if (kinds.length > 1) throw field.fault('target, width with height, and share exclude each other');
  if (sides.length > 0 && new Set(sides.map(({ as }) => as)).size < 2)
    throw field.fault('a size has a width and a height');
  return kinds[0]!;
}

function findPlace(field: Field, as: Write['as'], subject: Subject): Found {
  const { workflow } = subject;
  const address = field.text();
  try {
    const { path: _path, link: _link, scope, ...asked } = parseAddress(address, workflow);
    const where = scope === undefined ? asked : { scope, ...asked };
    const place = whereItLives(workflow, where, address);
    const held = own(nodeAt(workflow, place)?.widgets, place.input);
    if (held === undefined) throw field.fault('nothing says what its value is now');
    return { field, place, held, inputs: inputsOf(place, subject), as };
  } catch (error) {
    if (!isCwfError(error) || error.code === 'SPACE_FILE_INVALID') throw error;
    throw field.fault(`${error.message}. ${error.hint}`, error);
  }
}

/** What the inputs that get the value of a widget take; a node that only hands it on takes anything. */
function inputsOf(place: InputPlace, { workflow, catalog, readers, known = [] }: Subject): DeclaredInput[] {
  const key = placeKey(place);
  const found = known.find(({ targets }) => targets.some((one) => placeKey(one.place) === key));
  const read = found?.readers ?? readers.get(key) ?? [];
  const isHeldOnly = read.length > 0 && isHolder(workflow, nodeAt(workflow, place)!);
  const places = isHeldOnly ? read : [place, ...read];
  const inputs = places.map((one) => declaredFor(workflow, one, catalog)).filter((one) => one !== undefined);
  return [...new Set(inputs)];
}

function kindOf(field: Field, found: readonly Found[]): Unnamed<Parameter> {
  const type = field.get('type');
  const choices = field.get('choices');
  if (type && !TYPES.includes(type.text())) throw type.fault(`${type.text()} is none of ${TYPES.join(', ')}`);
  if (choices) {
    for (const key of ['low', 'high', 'step', 'log']) {
      const odd = field.get(key);
      if (odd) throw odd.fault('choices have no bounds');
    }
    const kind = type?.text() ?? 'categorical';
    if (kind !== 'ordinal' && kind !== 'categorical')
      throw type!.fault(`choices are ordinal or categorical, not ${kind}`);
    const values = choices.list().map((one) => one.plain());
    if (values.length < 2) throw choices.fault('less than two choices are none');
    if (new Set(values).size < values.length) throw choices.fault('a choice stands there twice');
    return { kind, choices: values };
  }
  return rangeOf(field, type?.text() ?? (found.some(isWhole) ? 'int' : 'float'));
}

function rangeOf(field: Field, kind: string): Unnamed<Parameter> {
  if (kind !== 'int' && kind !== 'float') throw field.fault(`a parameter of type ${kind} has choices`);
  const [lowField, highField, stepField] = [field.get('low'), field.get('high'), field.get('step')];
  if (!lowField || !highField) throw field.fault('it has neither choices nor both low and high');
  const [low, high] = [lowField.number(), highField.number()];
  if (low >= high) throw highField.fault(`${high} is not above low, ${low}`);
  const step = stepField?.number();
  if (step !== undefined && step <= 0) throw stepField!.fault(`${step} is not above 0`);
  const log = field.get('log')?.flag() === true;
  if (log && low <= 0) throw lowField.fault(`a log scale begins above 0, not at ${low}`);
  if (log && step !== undefined) throw stepField!.fault('a log scale has no steps');
  if (kind === 'int') {
    for (const one of [lowField, highField, ...(stepField ? [stepField] : [])]) {
      if (!Number.isSafeInteger(one.number())) throw one.fault(`${one.number()} is no whole number`);
    }
  }
  return { kind, low, high, ...(step === undefined ? {} : { step }), ...(log ? { log } : {}) };
}

/** `when: {turbo: [true]}`: names of parameters that stand before, with the values they must have. */
function whenOf(field: Field, before: readonly Tunable[]): { when?: readonly Condition[] } {
  const when = field.get('when');
  if (!when) return {};
  const conditions = when.entries().map(([parent, values]): Condition => {
    const known = before.find(({ parameter }) => parameter.name === parent);
    if (!known) throw values.fault('no parameter of that name stands before this one');
    const allowed = values.list().map((one) => {
      const value = one.plain();
      if (!canBe(known.parameter, value)) throw one.fault(`${parent} is never ${JSON.stringify(value)}`);
      return value;
    });
    return { parent, values: allowed };
  });
  if (conditions.length === 0) throw when.fault('it names no parameter');
  return { when: conditions };
}

function canBe(parameter: Parameter, value: ParamValue): boolean {
  if (parameter.kind === 'ordinal' || parameter.kind === 'categorical') return parameter.choices.includes(value);
  return typeof value === 'number' && value >= parameter.low && value <= parameter.high;
}

/** Every value that could be suggested, and of a range its ends, must be one that the inputs take. */
function checkValues(field: Field, parameter: Parameter, found: readonly Found[]): void {
  const isListed = parameter.kind === 'ordinal' || parameter.kind === 'categorical';
  const values: readonly (readonly [ParamValue, Field])[] = isListed
    ? field
        .get('choices')!
        .list()
        .map((one) => [one.plain(), one] as const)
    : [
        [parameter.low, field.get('low')!],
        [parameter.high, field.get('high')!],
      ];
  for (const { as, inputs, place, held } of found) {
    for (const [value, where] of values) {
      if (as === 'share') {
        if (typeof value !== 'number' || value <= 0 || value >= 1) throw where.fault('a share lies between 0 and 1');
        continue;
      }
      const json = as === 'value' ? value : sideOf(value, as, where);
      // What stands there may be of a pack that the catalog does not know.
      if (json === held) continue;
      const fault = inputs.map((input) => refusal(input, json)).find((one) => one !== undefined);
      if (fault) throw where.fault(`${place.node}.${place.input}: ${fault.reason}`);
    }
  }
}

function sideOf(value: ParamValue, side: 'width' | 'height', field: Field): number {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(String(value)) ?? [];
  if (width === undefined || height === undefined) throw field.fault(`${String(value)} is no size such as 832x480`);
  return Number(side === 'width' ? width : height);
}

/** The steps that a share is of: the name of a parameter that stands before, or a number. */
function shareOf(field: Field | undefined, before: readonly Tunable[], parameter: Field): Write {
  if (!field) throw parameter.fault('a share says of what: the name of the parameter of the steps, or their number');
  if (typeof field.json === 'number') return { as: 'share', of: undefined, steps: field.number() };
  const owner = before.find((one) => one.parameter.name === field.text());
  if (typeof owner?.current !== 'number')
    throw field.fault('no parameter of numbers of that name stands before this one');
  return { as: 'share', of: owner.parameter.name, steps: owner.current };
}

function currentOf(targets: readonly Target[], field: Field): ParamValue {
  const [first] = targets;
  const { write, held } = first!;
  if (write.as === 'share') return Number(held) / write.steps;
  if (write.as === 'value') {
    if (typeof held === 'bigint') return Number(held);
    if (typeof held === 'number') return tidy(held);
    return new Field(held, field.path, { source: '', lineOf: () => undefined }).plain();
  }
  const side = (as: 'width' | 'height'): string => String((targets.find((one) => one.write.as === as) ?? first!).held);
  return `${side('width')}x${side('height')}`;
}

function isWhole({ inputs, as }: Found): boolean {
  return as === 'value' && inputs.some(({ type }) => type === 'INT');
}
