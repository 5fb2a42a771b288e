import type { Json, JsonObject } from '../base/json.ts';
import { TRANSFORMS } from '../core/transform/kinds/index.ts';
import { badArgs } from '../core/transform/read-args.ts';
import { transformNamed } from '../core/transform/run-transform.ts';
import type { ArgSpec, TransformCall } from '../core/transform/transform.ts';

/** One transform as a command line has it. */
export interface TransformShape {
  readonly name: string;
  readonly summary: string;
  /** `<node> --no-rewire`. */
  readonly usage: string;
}

/** An argument that is said by a flag, for all transforms that have one of this name. */
export interface TransformFlag {
  /** `list`: may be given several times. */
  readonly kind: 'boolean' | 'text' | 'list';
  /** What stands behind it, in a word. */
  readonly value: string;
  readonly description: string;
}

/** What a flag was given: nothing counts as not given, and so do `false` and an empty list. */
export type FlagWords = Readonly<Record<string, boolean | string | readonly string[] | undefined>>;

type Spec = readonly [name: string, spec: ArgSpec];

const LISTS: ReadonlySet<ArgSpec['type']> = new Set(['values', 'names', 'texts']);
const VALUES: Readonly<Record<ArgSpec['type'], string>> = {
  node: 'node',
  input: 'input',
  output: 'output',
  subgraph: 'subgraph',
  text: 'text',
  number: 'number',
  flag: '',
  value: 'value',
  values: 'input=value',
  names: 'input=output',
  texts: 'texts',
};

/** Every transform, by name. */
export function transformShapes(): TransformShape[] {
  return Object.values(TRANSFORMS).map(({ name, summary, args }) => ({
    name,
    summary,
    usage: usageText(specsOf(args)),
  }));
}

/** The flags of all transforms: each with what it means, and to which of them where it is not the same to all. */
export function transformFlags(): Record<string, TransformFlag> {
  const byFlag = new Map<string, { readonly transform: string; readonly spec: ArgSpec }[]>();
  for (const { name: transform, args } of Object.values(TRANSFORMS)) {
    for (const [name, spec] of specsOf(args)) {
      if (spec.at !== undefined) continue;
      const flag = flagName(name, spec);
      byFlag.set(flag, [...(byFlag.get(flag) ?? []), { transform, spec }]);
    }
  }
  const flags = [...byFlag].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(flags.map(([flag, uses]) => [flag, flagOf(uses)]));
}

/**
 * A transform with its arguments from the words of a command line: those behind its name, and what flags were given.
 * Throws TRANSFORM_UNKNOWN, TRANSFORM_ARGS.
 */
export function callOf(op: string, words: readonly string[], flags: FlagWords): TransformCall {
  const transform = transformNamed(op);
  const specs = specsOf(transform.args);
  const places = placesOf(specs);
  const args: JsonObject = {};
  for (const [flag, given] of Object.entries(flags)) {
    if (!isGiven(given)) continue;
    const found = specs.find(([name, spec]) => flagName(name, spec) === flag);
    if (!found) throw badArgs(transform, `no argument --${flag}`);
    const [name, spec] = found;
    args[name] = argOf(found, given as string, (reason) => badArgs(transform, reason));
    if (spec.off !== undefined) args[name] = false;
  }
  for (const [at, word] of words.entries()) {
    const [name] = places[at] ?? [];
    if (name === undefined) throw badArgs(transform, unexpected(word, specs));
    if (Object.hasOwn(args, name)) throw badArgs(transform, `${name} is given twice`);
    args[name] = word;
  }
  return { op, args };
}

/** Whether a flag was given at all. */
export function isGiven(given: FlagWords[string]): boolean {
  return given !== undefined && given !== false && !(Array.isArray(given) && given.length === 0);
}

function argOf(
  [name, spec]: Spec,
  given: string | boolean | readonly string[],
  wrong: (reason: string) => Error,
): Json {
  if (typeof given === 'boolean') return given;
  const list = typeof given === 'string' ? [given] : given;
  if (spec.type === 'texts') return list.flatMap((one) => one.split(','));
  if (LISTS.has(spec.type)) {
    return Object.fromEntries(
      list.map((one) => {
        const at = one.indexOf('=');
        if (at < 1) throw wrong(`--${name} takes <${VALUES[spec.type]}>, and not ${one.slice(0, 60)}`);
        return [one.slice(0, at), one.slice(at + 1)];
      }),
    );
  }
  if (list.length > 1) throw wrong(`--${name} is given ${list.length} times`);
  return list[0]!;
}

/** `steps=20` behind `add-node` is meant for a flag. */
function unexpected(word: string, specs: readonly Spec[]): string {
  const [, name] = /^([\w-]+)=/.exec(word) ?? [];
  const shown = word.slice(0, 60);
  const plain = `unexpected word ${shown}`;
  if (name === undefined) return plain;
  if (specs.some(([one]) => one === name)) return `${plain}: write --${name} ${shown.slice(name.length + 1)}`;
  return specs.some(([one]) => one === 'set') ? `${plain}: write --set ${shown}` : plain;
}

function flagOf(uses: readonly { readonly transform: string; readonly spec: ArgSpec }[]): TransformFlag {
  const types = uses.map(({ spec }) => spec.type);
  const kind = types[0] === 'flag' ? 'boolean' : types.some((type) => LISTS.has(type)) ? 'list' : 'text';
  const values = [...new Set(types.map((type) => VALUES[type]))];
  const meanings = new Map<string, string[]>();
  for (const { transform, spec } of uses) {
    const text = spec.off ?? spec.description;
    meanings.set(text, [...(meanings.get(text) ?? []), transform]);
  }
  const told = [...meanings].map(([text, names]) => `${names.join(', ')}: ${text}`);
  return { kind, value: values.length === 1 ? values[0]! : 'text', description: told.join('; ') };
}

function flagName(name: string, { off }: ArgSpec): string {
  return off !== undefined ? `no-${name}` : name;
}

function usageText(specs: readonly Spec[]): string {
  const words = placesOf(specs).map(([name, { required }]) => (required ? `<${name}>` : `[<${name}>]`));
  const flags = specs.flatMap(([name, spec]) => (spec.at === undefined ? [`--${flagName(name, spec)}`] : []));
  return [...words, ...flags].join(' ');
}

function placesOf(specs: readonly Spec[]): Spec[] {
  return specs.filter(([, { at }]) => at !== undefined).sort(([, a], [, b]) => a.at! - b.at!);
}

function specsOf(args: unknown): Spec[] {
  return Object.entries(args as Readonly<Record<string, ArgSpec>>);
}
