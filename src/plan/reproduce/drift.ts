import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson, jsonEqual } from '../../base/json-text.ts';

/** What can be another one than it was. */
export type DriftKind =
  | 'document'
  | 'input'
  | 'seed'
  | 'set'
  | 'prompt'
  | 'model'
  | 'runner'
  | 'device'
  | 'engine'
  | 'pytorch'
  | 'python'
  | 'os'
  | 'argv'
  | 'pack'
  | 'library'
  | 'cwf'
  | 'catalog';

/** Whether a drift can be why pixels differ, by what is known of it. */
export type Cause = 'likely' | 'possible' | 'unlikely';

/** One thing that is not what it was. A side that is absent had none of it. */
export interface Drift {
  readonly kind: DriftKind;
  /** Which of several: a pack, a model, a seed (`3.seed`), an input, a library. */
  readonly name?: string;
  readonly before?: Json;
  readonly now?: Json;
  readonly cause: Cause;
  /**
   * Of the prompt: whether it is another one because something above is, or although all that it is made of is what it
   * was, so that the conversion must be another one.
   */
  readonly why?: 'follows' | 'conversion';
}

/** What drifted, and what nobody can tell, since the note does not say what it was. */
export interface Drifts {
  readonly drifts: readonly Drift[];
  readonly unknown: readonly DriftKind[];
}

/** What the members of one kind were, by name; those of which there is one have the name ''. */
type Facts = ReadonlyMap<string, Json>;

/** Kinds that the note has one of, and where: told only where both sides say it. */
const SINGLE: readonly (readonly [DriftKind, ...string[]])[] = [
  ['document', 'document'],
  ['prompt', 'prompt'],
  ['runner', 'runner'],
  ['engine', 'environment', 'engine'],
  ['pytorch', 'environment', 'pytorch'],
  ['python', 'environment', 'python'],
  ['os', 'environment', 'os'],
  ['cwf', 'environment', 'cwf'],
  ['catalog', 'catalog'],
];

/** Kinds whose members are left out of a note where there are none. */
const LISTS: readonly (readonly [DriftKind, (note: JsonObject) => Facts])[] = [
  ['input', ({ inputs }) => named(inputs, placeOf, ({ file, sha256 }) => [file ?? null, sha256 ?? null])],
  ['seed', ({ seeds }) => named(seeds, placeOf, ({ value }) => value ?? null)],
  ['set', ({ set }) => new Map(Object.entries(isObject(set) ? set : {}))],
  ['model', ({ models }) => named(models, ({ input, file }) => `${text(input)} ${text(file)}`, modelOf)],
  [
    'pack',
    ({ packs }) =>
      named(
        packs,
        ({ module }) => text(module),
        ({ version }) => version ?? null,
      ),
  ],
];

/** What a prompt is made of. */
const MAKES_PROMPT: ReadonlySet<DriftKind> = new Set(['document', 'input', 'seed', 'set']);

/** The order in which they are told: what was sent, what ran it, what ran beneath. */
const ORDER: readonly DriftKind[] = [
  'document',
  'input',
  'seed',
  'set',
  'prompt',
  'model',
  'runner',
  'device',
  'engine',
  'pytorch',
  'python',
  'os',
  'argv',
  'pack',
  'library',
  'cwf',
  'catalog',
];

/**
 * Arguments of a ComfyUI server that change how it computes: precision, kinds of attention, devices
 * (comfy/cli_args.py). Where it listens and where its files lie changes no pixel.
 */
const COMPUTES =
  /^--(force-fp|fp\d|bf16|supports-fp8|.*-(unet|vae|text-enc)$|use-|.*attention|deterministic|fast|cpu|directml|oneapi|default-device|cuda-|reserve-vram|force-channels-last|force-upcast|dont-upcast|disable-xformers|preview-method$)/;

/**
 * What is not what the note of a run says it was. `before` is a note as anybody may have written it; `now` one of the same
 * form, in which a kind that is not known is absent. [RE-7, RE-8]
 */
export function driftBetween(before: JsonObject, now: JsonObject): Drifts {
  const drifts: Omit<Drift, 'cause'>[] = [];
  const unknown: DriftKind[] = [];
  for (const [kind, ...path] of SINGLE) {
    const [was, is] = [textAt(before, path), textAt(now, path)];
    if (is !== undefined && was === undefined) unknown.push(kind);
    else if (is !== undefined && was !== is) drifts.push({ kind, before: was!, now: is });
  }
  for (const [kind, read] of LISTS) {
    if (now[LIST_OF[kind]!] === undefined) continue;
    drifts.push(...listDrifts(kind, read(before), read(now)));
  }
  for (const [kind, read] of [
    ['device', devicesOf],
    ['argv', argvOf],
    ['library', librariesOf],
  ] as const) {
    const [was, is] = [read(before), read(now)];
    if (is === undefined) continue;
    if (was === undefined) {
      // Only the embedded engine tells its libraries: a run elsewhere had none of them to tell.
      if (kind !== 'library' || !isObject(before.environment)) unknown.push(kind);
    } else drifts.push(...listDrifts(kind, was, is));
  }
  const isPartOfCwf = librariesOf(now) !== undefined || librariesOf(before) !== undefined;
  const follows = drifts.some(({ kind }) => MAKES_PROMPT.has(kind));
  const why = (kind: DriftKind) => (kind === 'prompt' ? ({ why: follows ? 'follows' : 'conversion' } as const) : {});
  const told = drifts.map((drift) => ({ ...drift, cause: causeOf(drift, isPartOfCwf), ...why(drift.kind) }));
  const order = (kind: DriftKind) => ORDER.indexOf(kind);
  return {
    drifts: told.sort((a, b) => order(a.kind) - order(b.kind)),
    unknown: [...new Set(unknown)].sort((a, b) => order(a) - order(b)),
  };
}

/** The member of a note that has the list of a kind. */
const LIST_OF: Readonly<Partial<Record<DriftKind, string>>> = {
  input: 'inputs',
  seed: 'seeds',
  set: 'set',
  model: 'models',
  pack: 'packs',
};

/**
 * PyTorch promises the same results neither across releases nor across platforms and devices (its notes on
 * reproducibility); a node pack, an engine or an image library of another version may compute anything else. Definitions
 * and cwf act through the prompt alone, which has a digest of its own.
 */
function causeOf({ kind, before, now }: Omit<Drift, 'cause'>, isPartOfCwf: boolean): Cause {
  switch (kind) {
    case 'document':
    case 'input':
    case 'seed':
    case 'set':
    case 'prompt':
    case 'model':
    case 'device':
    case 'engine':
    case 'pytorch':
    case 'pack':
    case 'library':
      return 'likely';
    case 'os':
      return 'possible';
    case 'argv':
      return [before, now].some((value) => typeof value === 'string' && COMPUTES.test(value)) ? 'possible' : 'unlikely';
    case 'cwf':
      return isPartOfCwf ? 'possible' : 'unlikely';
    case 'python':
    case 'runner':
    case 'catalog':
      return 'unlikely';
  }
}

function listDrifts(kind: DriftKind, before: Facts, now: Facts): Omit<Drift, 'cause'>[] {
  const drifts: Omit<Drift, 'cause'>[] = [];
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(name), now.get(name)];
    if (was !== undefined && is !== undefined) {
      // Files and versions that one side does not know are no news.
      const [a, b] = kind === 'input' ? [contentOf(was), contentOf(is)] : [was, is];
      if (((kind === 'input' || kind === 'pack' || kind === 'model') && (a === null || b === null)) || jsonEqual(a, b))
        continue;
      drifts.push({ kind, name, before: a, now: b });
    } else if (was !== undefined) drifts.push({ kind, name, before: kind === 'input' ? (was as Json[])[0]! : was });
    else drifts.push({ kind, name, now: kind === 'input' ? (is as Json[])[0]! : is! });
  }
  return drifts;
}

function contentOf(input: Json): Json {
  return Array.isArray(input) ? input[1]! : input;
}

function devicesOf({ environment }: JsonObject): Facts | undefined {
  if (!isObject(environment) || !Array.isArray(environment.devices)) return undefined;
  const devices = environment.devices.filter(isObject);
  return new Map(devices.map(({ name, type }, at) => [at === 0 ? '' : String(at), `${text(name)} (${text(type)})`]));
}

/** Each argument with the value behind it. */
function argvOf({ environment }: JsonObject): Facts | undefined {
  if (!isObject(environment) || !Array.isArray(environment.argv)) return undefined;
  const facts = new Map<string, Json>();
  let last = '';
  for (const word of environment.argv.filter((one) => typeof one === 'string')) {
    if (word.startsWith('--')) {
      last = word;
      facts.set(word, word);
    } else if (last !== '') facts.set(last, `${text(facts.get(last))} ${word}`);
  }
  return facts;
}

function librariesOf({ environment }: JsonObject): Facts | undefined {
  if (!isObject(environment) || !isObject(environment.libraries)) return undefined;
  return new Map(Object.entries(environment.libraries));
}

function named(
  list: Json | undefined,
  nameOf: (one: JsonObject) => string,
  contentIn: (one: JsonObject) => Json,
): Facts {
  const members = Array.isArray(list) ? list.filter(isObject) : [];
  return new Map(members.map((one) => [nameOf(one), contentIn(one)]));
}

function placeOf({ node, input }: JsonObject): string {
  return `${text(node)}.${text(input)}`;
}

/** The content where somebody noted it, else only that it is named. */
function modelOf({ sha256 }: JsonObject): Json {
  return sha256 ?? null;
}

function textAt(note: JsonObject, path: readonly string[]): string | undefined {
  let at: Json | undefined = note;
  for (const key of path) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return typeof at === 'string' ? at : undefined;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : canonicalJson(value);
}
