import { type CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { VERSION } from '../base/version.ts';
import type { RunEvent, Runner } from '../io/runner/runner.ts';
import { type Drifts, driftBetween } from '../plan/reproduce/drift.ts';
import type { Context } from './context.ts';
import { outputsOf } from './output-names.ts';
import { type ComparedOutput, compareOutputs } from './reproduce-compare.ts';
import { findInputs, type InputFate } from './reproduce-inputs.ts';
import { findTarget, type Target, type TargetChoice } from './reproduce-target.ts';
import type { InvalidRun } from './run-check.ts';
import { type DocumentRun, recordRuns, runPrepared } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { type RunNote, runFact } from './run-note.ts';
import { inputFolder, type PreparedRun, type RunChanges } from './run-prepare.ts';
import { type KnownRunner, knownRunners, prepareFor } from './run-runners.ts';
import { EMBEDDED, type OpenRunners, openRunners } from './runners.ts';
import { defineVerb } from './verb.ts';

/** What to make again, and how. */
export interface ReproduceInput extends TargetChoice {
  /** A revision, an image, video or sound, `sha256:`, or a working file; HEAD by default. */
  readonly what?: string;
  /** A runner; by default the one that made it. */
  readonly on?: string;
  /** The folder that files of inputs are in, as for `cwf run`. */
  readonly input?: string;
  /** Share of the pixels of an output that may differ. Default 0. */
  readonly tolerance?: number;
  /** How often it is run. Default 1. */
  readonly repeat?: number;
  /** Whether the runs are noted. Default true. */
  readonly record?: boolean;
  /** Seconds for each run, with the time in the queue. */
  readonly timeout?: number;
  /** Everything but the run itself. */
  readonly dryRun?: boolean;
}

/** How it is watched and ended by who asked for it. */
export interface ReproduceWatch {
  readonly signal?: AbortSignal;
  onFound?(target: Target): void;
  onReady?(prepared: PreparedRun, runner: string): void;
  onEvent?(event: RunEvent): void;
}

/** One run, held against what it was to make again. */
export interface Attempt {
  readonly note: RunNote;
  readonly outputs: readonly ComparedOutput[];
  /** Nodes that the runner did not run, since it had kept their results: what is the same proves nothing there. */
  readonly kept: number;
}

/** What can be said without a run. */
interface Known extends Drifts {
  readonly target: Target;
  readonly inputs: readonly InputFate[];
  readonly remarks: readonly string[];
}

/** What became of it. */
export type ReproduceOutcome =
  /** It cannot be run here; `reasons` are all that are known, the error is the first. */
  | (Known & { readonly kind: 'blocked'; readonly error: CwfError; readonly findings?: InvalidRun['findings'] })
  | (Known & { readonly kind: 'planned'; readonly runner: string; readonly prepared: PreparedRun })
  | (Known & {
      readonly kind: 'ran';
      readonly attempts: readonly Attempt[];
      /** Of the worst output of any attempt; absent where a run did not finish. */
      readonly verdict?: 'identical' | 'within' | 'differs';
      /** Whether all attempts left the same; absent for one. */
      readonly alike?: boolean;
      readonly recorded: boolean;
      readonly error?: CwfError;
    });

/**
 * `cwf reproduce`: makes the outputs of a run again, compares pixels, and tells what drifted since then. Throws what
 * `findTarget`, `openRunners` and `runPrepared` throw; what stands in the way of a run is a value.
 */
export async function reproduceRun(
  ctx: Context,
  input: ReproduceInput,
  watch: ReproduceWatch = {},
): Promise<ReproduceOutcome> {
  const target = await findTarget(ctx, input.what, input);
  watch.onFound?.(target);
  const { fates, files } = findInputs(ctx, target.run?.inputs, inputFolder(ctx, input.input));
  const changes: RunChanges = {
    ...target.changes,
    ...(input.input === undefined ? {} : { input: input.input }),
    files,
    ...madeAt(target.run),
    // It stood in a note or a picture already.
    allowSecrets: true,
  };
  const { runners, remarks, close } = await openFor(ctx, input.on, target.run?.runner);
  const told = { target, inputs: fates, remarks: [...target.remarks, ...remarks] };
  let known: KnownRunner[] = [];
  try {
    known = ordered(await knownRunners(runners, watch.signal), target.run?.runner);
    const placed = await prepareFor(ctx, target.source, changes, known);
    const { prepared } = placed;
    const { runner } = placed.known;
    if (prepared.kind === 'invalid') {
      const { error, findings } = prepared;
      return { ...told, ...(await driftHere(told, known)), kind: 'blocked', error, findings };
    }
    if (input.dryRun) {
      const drifts = await driftHere(told, known, prepared);
      return { ...told, ...drifts, kind: 'planned', runner: runner.name, prepared };
    }
    return await attempt(ctx, told, prepared, runner, input, watch);
  } catch (error) {
    if (!isCwfError(error) || !isInTheWay(error)) throw error;
    return { ...told, ...(await driftHere(told, known)), kind: 'blocked', error };
  } finally {
    await close();
  }
}

/** Characters of a run's id, which others may have written. */
const MOST_ID = 100;

/** The verb: as `reproduceRun`, with nobody watching. */
export const reproduce = defineVerb<ReproduceInput, ReproduceOutcome>({
  name: 'reproduce',
  summary: 'Make an output again, compare its pixels, and name what drifted',
  mutates: true,
  long: true,
  scope: 'propose',
  run: (ctx, input) => reproduceRun(ctx, input),
});

/** Errors that say why a run cannot be had here: of the runner, or of what it would be sent. */
function isInTheWay({ kind, code }: CwfError): boolean {
  return (kind === 'invalid' || kind === 'not-found' || kind === 'remote' || kind === 'auth') && code !== 'BUG';
}

/** When a run was sent: names with a date in them are made as they were then. */
function madeAt(run: RunNote | undefined): Pick<RunChanges, 'at'> {
  const at = run && run.time * 1000 - run.took;
  return at === undefined || Number.isNaN(new Date(at).getTime()) ? {} : { at };
}

/** The runners that may make it: the one that did, if it is one of ours, before the others. [RE-9] */
async function openFor(
  ctx: Context,
  on: string | undefined,
  before: string | undefined,
): Promise<OpenRunners & { readonly remarks: readonly string[] }> {
  if (on !== undefined || before === undefined) return { ...(await openRunners(ctx, on)), remarks: [] };
  if (before === EMBEDDED) return { ...(await openRunners(ctx, EMBEDDED)), remarks: [] };
  const isKnown = ctx.config.runners.some(({ name }) => name === before);
  const remarks = isKnown ? [] : [`the runner ${before} that made it is not in .cwfrc`];
  return { ...(await openRunners(ctx)), remarks };
}

function ordered(known: readonly KnownRunner[], first: string | undefined): KnownRunner[] {
  return [...known].sort((a, b) => Number(b.runner.name === first) - Number(a.runner.name === first));
}

async function attempt(
  ctx: Context,
  told: Pick<Known, 'target' | 'inputs' | 'remarks'>,
  prepared: PreparedRun,
  runner: Runner,
  { tolerance = 0, repeat = 1, record = true, timeout }: ReproduceInput,
  { signal, onReady, onEvent }: ReproduceWatch,
): Promise<ReproduceOutcome> {
  const { target } = told;
  const { commit } = target.source;
  const runs: DocumentRun[] = [];
  const attempts: Attempt[] = [];
  let error: CwfError | undefined;
  while (attempts.length < repeat && !error) {
    onReady?.(prepared, runner.name);
    const run = await runPrepared(ctx, prepared, runner, {
      metrics: 'none',
      record: false,
      reproduces: target.run?.run.slice(0, MOST_ID) ?? `sha256:${target.references[0]!.id}`,
      fresh: true,
      ...(signal ? { signal } : {}),
      ...(timeout === undefined ? {} : { deadline: timeout * 1000 }),
      ...(onEvent ? { onEvent } : {}),
    });
    runs.push(run);
    error = runFailure(run.note, commit);
    const outputs = error ? [] : await compareOutputs(outputsOf(ctx), target.references, run.note.outputs);
    attempts.push({ note: run.note, outputs, kept: run.note.cached?.length ?? 0 });
  }
  const isRecorded = record && ctx.dryRun !== true;
  if (isRecorded) await recordRuns(ctx, commit, 'reproduce', runs);
  const drifts = driftSince(target, runFact(runs[0]!.note));
  const alike = runs.length > 1 && !error ? await areAlike(ctx, runs) : undefined;
  return {
    ...told,
    ...drifts,
    kind: 'ran',
    attempts,
    ...(error ? { error } : { verdict: verdictOf(attempts, tolerance) }),
    ...(alike === undefined ? {} : { alike }),
    recorded: isRecorded,
  };
}

function verdictOf(attempts: readonly Attempt[], tolerance: number): 'identical' | 'within' | 'differs' {
  const outputs = attempts.flatMap((one) => one.outputs);
  if (outputs.every(({ kind }) => kind === 'identical')) return 'identical';
  const isWithin = ({ kind, distance }: ComparedOutput) =>
    kind === 'identical' || (distance !== undefined && distance.differs <= tolerance);
  return outputs.every(isWithin) ? 'within' : 'differs';
}

/** Whether every run left what the first one left. */
async function areAlike(ctx: Context, [first, ...others]: readonly DocumentRun[]): Promise<boolean> {
  for (const { note } of others) {
    const compared = await compareOutputs(outputsOf(ctx), first!.note.outputs, note.outputs);
    if (compared.some(({ kind }) => kind !== 'identical')) return false;
  }
  return true;
}

/** What drifted since a run. Without a note nothing is known of then. */
function driftSince({ run, source }: Target, now: JsonObject): Drifts {
  if (!run) return { drifts: [], unknown: [] };
  const { document, file } = source;
  return driftBetween(runFact(run), { inputs: [], models: [], packs: [], set: {}, ...now, document, file });
}

/** What drifted, as far as it can be told without a run: on the runner that would be asked first. */
async function driftHere(
  { target, inputs }: Pick<Known, 'target' | 'inputs'>,
  [first]: readonly KnownRunner[],
  prepared?: PreparedRun,
): Promise<Drifts> {
  const { run, source } = target;
  if (!run) return { drifts: [], unknown: [] };
  const now: JsonObject = { document: source.document };
  if (inputs.length > 0) now.inputs = inputsNow(inputs);
  if (first) {
    const environment = await environmentOf(first.runner);
    now.runner = first.runner.name;
    if (environment) now.environment = { ...environment, cwf: VERSION };
    if (first.definitions) now.packs = packsNow(run, first);
  }
  const known = prepared ? { inputs: [], models: [], packs: [], set: {}, ...prepared.known } : {};
  return driftBetween(runFact(run), { ...now, ...(known as JsonObject) });
}

async function environmentOf(runner: Runner): Promise<JsonObject | undefined> {
  try {
    return (await runner.capabilities()).environment as unknown as JsonObject;
  } catch (error) {
    if (isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER', 'RUNNER_AUTH')) return undefined;
    throw error;
  }
}

/** The files of a run that are there, with what they are now. */
function inputsNow(inputs: readonly InputFate[]): JsonObject[] {
  const there = inputs.filter(({ kind }) => kind !== 'missing');
  return there.map(({ node, input, file, sha256, now }) => ({ node, input, file, sha256: now ?? sha256 }));
}

/** The packs of a run that a runner has, by the modules of its classes. */
function packsNow({ packs }: RunNote, { definitions }: KnownRunner): JsonObject[] {
  const modules = new Set(definitions!.modules.values());
  return (Array.isArray(packs) ? packs : []).filter(isObject).flatMap(({ module }) => {
    if (typeof module !== 'string' || !modules.has(module)) return [];
    const version = definitions!.packs.get(module.replace(/^custom_nodes\./, ''))?.version;
    return [{ module, ...(version === undefined ? {} : { version }) }];
  });
}
