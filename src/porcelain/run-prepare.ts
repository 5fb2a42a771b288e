import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { canonicalJson } from '../base/json-text.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { Remark } from '../core/convert/remarks.ts';
import { graphDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import type { Definitions, RunRequest } from '../io/runner/runner.ts';
import { needsOf } from '../plan/dispatch/needs.ts';
import type { Context } from './context.ts';
import { type InvalidRun, judgePrompt } from './run-check.ts';
import { type GatheredInputs, type GivenFile, gatherInputs } from './run-inputs.ts';
import type { RunNote, RunPack, RunValue } from './run-note.ts';
import {
  type MadePrompt,
  promptOf,
  type Readable,
  readForRun,
  seedsOf,
  withLiteral,
  withValueAt,
} from './run-prompt.ts';
import type { RunSource } from './run-source.ts';
import { describeSecret, findSecrets } from './secrets.ts';
import { type SetInput, setValues } from './set.ts';

/** What is changed of a workflow for one run. */
export interface RunChanges {
  /** As `cwf set` takes them. */
  readonly set?: SetInput['values'];
  /** For every seed of the prompt. */
  readonly seed?: number | bigint | 'random';
  /** For every seed of the prompt, 32 bits: the rest of it by what the input takes, where that is less. */
  readonly fittedSeed?: number;
  /** Single seeds of the prompt, as a note of a run has them. */
  readonly seeds?: readonly RunValue[];
  /** The folder that files of inputs are in, relative to the one worked in; `input` at the top by default. */
  readonly input?: string;
  /** Files of inputs in place of those that lie there under their names. */
  readonly files?: readonly GivenFile[];
  /** When the prompt is made, in milliseconds since 1970; now by default. Names of files can have it in them. */
  readonly at?: number;
  /** Takes values that look like keys or passwords: they stand in the note and in the pictures. */
  readonly allowSecrets?: boolean;
}

/** A run that can be sent, and what its note will say of it. */
export interface PreparedRun {
  readonly kind: 'ready';
  readonly source: RunSource;
  readonly request: RunRequest;
  readonly known: Pick<
    RunNote,
    'file' | 'document' | 'graph' | 'prompt' | 'catalog' | 'set' | 'seeds' | 'inputs' | 'models' | 'packs'
  >;
  /** The class of each node of the prompt. */
  readonly classes: ReadonlyMap<string, string>;
  /** What is to be said of it before it runs. */
  readonly warnings: readonly string[];
}

/** A random seed is one that ComfyUI's page could have chosen: JavaScript has it exactly. */
const RANDOM_SEED = 2 ** 48 - 1;
/** What the modules of node packs begin with; what belongs to ComfyUI itself has other ones. */
const PACKS = 'custom_nodes.';
/** Nodes that always leave a file, unless a pack changes what runs. */
const SAVES: ReadonlySet<string> = new Set([
  'SaveImage',
  'SaveVideo',
  'SaveWEBM',
  'SaveAnimatedPNG',
  'SaveAnimatedWEBP',
]);

/**
 * Makes the prompt of a workflow, with the values that are set for this run, and judges it as the runner with these
 * definitions would. Throws what reading, `cwf set` and converting throw, SECRET_FOUND, ENGINE_CLASSES and
 * RUN_INPUT_MISSING.
 */
export async function prepareRun(
  ctx: Context,
  source: RunSource,
  changes: RunChanges,
  definitions: Definitions | undefined,
): Promise<PreparedRun | InvalidRun> {
  const shipped = await ctx.loadCatalog();
  const catalog = catalogFor(source, shipped, definitions?.catalog);
  const read = readForRun(source.json, source.file, catalog);
  const { after, set, warnings } = setValues(catalog, read.workflow, source.file, changes.set ?? []);
  if (set.length > 0 && !changes.allowSecrets && ctx.config.secrets === 'block')
    refuseSecrets(source.file, after, read.workflow);
  const now = new Date(changes.at ?? ctx.now());
  const judge = definitions?.catalog ?? catalog;
  const { made, workflow } = withSeeds({ ...read, workflow: after }, catalog, now, changes);
  const classes = classesOf(made.prompt);
  refuseForeign(classes, definitions);
  const invalid = judgePrompt(made, workflow, source, judge);
  if (invalid) return invalid;
  const inputs = gatherInputs(made.prompt, judge, inputFolder(ctx, changes.input), changes.files);
  const overrides = Object.fromEntries(set.map(({ address, value }) => [address, value]));
  const packs = packsOf(classes, definitions);
  const { files: models } = needsOf(made.prompt);
  return {
    kind: 'ready',
    source,
    classes,
    request: requestOf(source, made.prompt, workflow, inputs, overrides, packs.length > 0),
    known: {
      file: source.file,
      document: source.document,
      graph: graphDigest(workflow),
      prompt: promptDigest(made.prompt, inputs),
      catalog: judge.hash,
      ...(set.length > 0 ? { set: overrides } : {}),
      seeds: seedsOf(made.prompt, judge).map(({ node, input, value }) => ({ node, input, value })),
      ...(inputs.noted.length > 0 ? { inputs: inputs.noted } : {}),
      ...(models.length > 0 ? { models } : {}),
      ...(packs.length > 0 ? { packs } : {}),
    },
    warnings: [...warnings, ...made.remarks.filter(({ severity }) => severity === 'warning').map(remarkText)],
  };
}

/** The folder that files of inputs are in. */
export function inputFolder(ctx: Context, input: string | undefined): string {
  return input === undefined ? join(ctx.repo.workDir, 'input') : resolve(ctx.cwd, input);
}

/** Values that are set for a run travel with its note and its pictures. */
function refuseSecrets(file: string, after: Workflow, before: Workflow): void {
  const secrets = findSecrets(file, after, before);
  if (secrets.length > 0)
    throw new CwfError('SECRET_FOUND', { count: secrets.length, places: secrets.map(describeSecret) });
}

/** The shipped definitions, unless the document has a class that only the runner's know. */
function catalogFor({ json, file }: RunSource, shipped: Catalog, theirs: Catalog | undefined): Catalog {
  if (!theirs) return shipped;
  const { workflow } = readForRun(json, file, shipped);
  const scopes = [workflow, ...Object.values(workflow.subgraphs)];
  const classes = scopes.flatMap(({ nodes }) => Object.values(nodes).map(({ class_type }) => class_type));
  return classes.some((name) => !shipped.node(name) && theirs.node(name)) ? theirs : shipped;
}

/** The prompt with its seeds set, in the workflow, too, where that holds them: pictures carry the workflow. */
function withSeeds(
  read: Readable,
  catalog: Catalog,
  now: Date,
  { seed, fittedSeed, seeds = [] }: RunChanges,
): { readonly made: MadePrompt; readonly workflow: Workflow } {
  const first = promptOf(read, catalog, now);
  const seedFor = (one: { readonly most: number | bigint }): Json =>
    seed === undefined ? fitted(fittedSeed!, one) : seedOf(seed, one);
  const all =
    (seed ?? fittedSeed) === undefined
      ? []
      : seedsOf(first.prompt, catalog).map((one) => ({ ...one, value: seedFor(one) }));
  if (seed !== undefined && all.length === 0)
    throw new CwfError('USAGE', { command: 'run', reason: 'the workflow has no seed that --seed could set' });
  const values = [...all, ...seeds.filter(({ node }) => isObject(first.prompt[node]))];
  if (values.length === 0) return { made: first, workflow: read.workflow };
  const workflow = values.reduce(
    (changed, { node, input, value }) => withValueAt(changed, first.place(node, input), value),
    read.workflow,
  );
  const second = promptOf({ ...read, workflow }, catalog, now);
  return { made: { ...second, prompt: values.reduce(withLiteral, second.prompt) }, workflow };
}

function seedOf(seed: number | bigint | 'random', { most }: { readonly most: number | bigint }): Json {
  if (seed === 'random') return randomInt(0, Number(most) < RANDOM_SEED ? Number(most) + 1 : RANDOM_SEED);
  const exact = BigInt(seed);
  if (exact > BigInt(most))
    throw new CwfError('USAGE', { command: 'run', reason: `--seed: ${seed} is over ${most}, the greatest it may be` });
  return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact;
}

function fitted(seed: number, { most }: { readonly most: number | bigint }): number {
  return Number(BigInt(seed) % (BigInt(most) + 1n));
}

function classesOf(prompt: JsonObject): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(prompt).flatMap(([id, node]) =>
      isObject(node) && typeof node.class_type === 'string' ? [[id, node.class_type] as const] : [],
    ),
  );
}

/** Classes that the runner knows and does not run. */
function refuseForeign(classes: ReadonlyMap<string, string>, definitions: Definitions | undefined): void {
  if (!definitions) return;
  const foreign = [...new Set(classes.values())].filter(
    (name) => definitions.catalog.node(name) && !definitions.classes.has(name),
  );
  if (foreign.length > 0) throw new CwfError('ENGINE_CLASSES', { classes: foreign.sort() });
}

function requestOf(
  source: RunSource,
  prompt: JsonObject,
  workflow: Workflow,
  { files }: GatheredInputs,
  set: JsonObject,
  hasPacks: boolean,
): RunRequest {
  const cwf: JsonObject = {
    ...(source.commit === undefined ? {} : { commit: source.commit }),
    file: source.file,
    ...(Object.keys(set).length > 0 ? { set } : {}),
  };
  const page: JsonObject = workflow.format === 'ui' ? { workflow: writeWorkflow(workflow) } : {};
  const expected = [...classesOf(prompt)].filter(([, name]) => SAVES.has(name)).map(([id]) => id);
  return {
    prompt,
    extraPnginfo: { ...page, cwf },
    ...(hasPacks ? {} : { expected }),
    ...(files.length > 0 ? { inputs: files } : {}),
  };
}

/** SHA-256 of the prompt without words for people, files of inputs by their content. */
function promptDigest(prompt: JsonObject, { noted }: GatheredInputs): string {
  const files = noted.flatMap(({ node, input, sha256: digest }) =>
    digest === undefined ? [] : [{ node, input, value: `sha256:${digest}` }],
  );
  const plain = Object.entries(files.reduce(withLiteral, prompt)).map(([id, node]): [string, Json] => {
    const { _meta, ...rest } = node as JsonObject;
    return [id, rest];
  });
  return sha256(canonicalJson(Object.fromEntries(plain)));
}

/** The node packs that classes come from; what belongs to ComfyUI itself is none. */
function packsOf(classes: ReadonlyMap<string, string>, definitions: Definitions | undefined): RunPack[] {
  const packs = new Map<string, Set<string>>();
  for (const name of classes.values()) {
    const module = definitions?.modules.get(name);
    if (!module?.startsWith(PACKS)) continue;
    packs.set(module, (packs.get(module) ?? new Set()).add(name));
  }
  return [...packs].map(([module, names]) => {
    const version = definitions?.packs.get(module.slice(PACKS.length));
    return { module, classes: [...names].sort(), ...version };
  });
}

function remarkText({ class_type, node, message }: Remark): string {
  return node === undefined ? message : `${class_type} (${node}): ${message}`;
}
