import { isObject } from '../base/json.ts';
import { docDigest, graphDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { failedGates } from '../io/metrics/gates.ts';
import { METRICS } from '../io/metrics/index.ts';
import type { Oid } from '../io/repo/types.ts';
import {
  compareNumbers,
  type Judges,
  type NumberChange,
  runState,
  type SideOutcome,
} from '../plan/review/run-verdict.ts';
import type { Change } from './changes.ts';
import type { Context } from './context.ts';
import { byPlace } from './output-pairs.ts';
import type { CheckResult } from './review-checks.ts';
import type { DocumentRun } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { numbersOfRun, type RunNumber } from './run-measure.ts';
import { type RunNote, type RunOutput, readRuns } from './run-note.ts';

/** The run of one side of a proposal, as its note tells of it. */
export interface SideRun extends SideOutcome {
  readonly commit: Oid;
  /** The id of the run; absent where nothing was sent. */
  readonly run?: string;
  readonly runner?: string;
  /** When it ended, in seconds since 1970. */
  readonly time?: number;
  /** Milliseconds from the sending to the end. */
  readonly took?: number;
}

/** An output before and after the change, by the node that left it and its place among those of the node. */
export interface OutputPair {
  readonly node: string;
  readonly at: number;
  readonly before?: RunOutput;
  readonly after?: RunOutput;
  /** Whether the pixels of the first frame are the same; absent where one side has none. */
  readonly isSame?: boolean;
}

/** One changed workflow that was run on both sides. */
export interface FileRuns {
  readonly file: string;
  readonly state: CheckResult['state'];
  readonly before?: SideRun;
  readonly after: SideRun;
  readonly numbers: readonly NumberChange[];
  readonly outputs: readonly OutputPair[];
}

/** A run with what its commit notes of its outputs. */
interface NotedRun {
  readonly commit: Oid;
  readonly note: RunNote;
  /** Numbers by output, then by name. */
  readonly numbers: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** A side that was not run, and why. */
export type Unrun = Pick<SideRun, 'commit' | 'kind' | 'reason' | 'runner'>;

/** Runs that were made just now, to be noted on their commits; and sides that were not run, by `sideKey`. */
export interface SmokeRuns {
  readonly runs: readonly (Pick<DocumentRun, 'note' | 'measured'> & { readonly commit: Oid })[];
  readonly unrun: ReadonlyMap<string, Unrun>;
}

const DIRECTIONS: ReadonlyMap<string, Judges> = new Map(METRICS.map(({ id, direction }) => [id, direction]));

/**
 * What the notes of both sides, and runs that were made just now, say of the changed workflows; undefined where none of
 * the later versions was run.
 */
export async function toldRuns(
  ctx: Context,
  base: Oid | undefined,
  head: Oid,
  changes: readonly Change[],
  { runs, unrun }: SmokeRuns = { runs: [], unrun: new Map() },
): Promise<CheckResult | undefined> {
  const files: FileRuns[] = [];
  for (const change of changes) {
    const { file, from = file, before, after } = change;
    if (!after) continue;
    const later = unrun.get(sideKey(head, file)) ?? (await lastRun(ctx, runs, head, file, after));
    if (!later) continue;
    const runner = 'note' in later ? later.note.runner : undefined;
    const earlier =
      base === undefined || !before
        ? undefined
        : (unrun.get(sideKey(base, from)) ?? (await lastRun(ctx, runs, base, from, before, runner)));
    files.push(heldAgainst(file, earlier, later));
  }
  return files.length === 0 ? undefined : checkOf(files);
}

/** One workflow of one commit. */
export function sideKey(commit: Oid, file: string): string {
  return `${commit}:${file}`;
}

/**
 * The last run of a workflow as it is in a commit, on one runner where that has any; runs with other values or seeds
 * say nothing of it.
 */
async function lastRun(
  ctx: Context,
  made: SmokeRuns['runs'],
  commit: Oid,
  file: string,
  workflow: Workflow,
  runner?: string,
): Promise<NotedRun | undefined> {
  const document = docDigest(workflow);
  const now = made.filter((one) => one.commit === commit);
  const runs = [...(await readRuns(ctx, commit)), ...now.map(({ note }) => note)].filter(
    (run) => run.file === file && run.document === document && run.set === undefined && run.reproduces === undefined,
  );
  const graph = graphDigest(workflow);
  const asItIs = runs.some((run) => run.graph === graph) ? runs.filter((run) => run.graph === graph) : runs;
  const note = asItIs.findLast((run) => run.runner === runner) ?? asItIs.at(-1);
  if (!note) return undefined;
  const measured = now.find((one) => one.note === note)?.measured;
  const numbers = byOutput(measured ? numbersOfRun(measured) : await numbersOn(ctx, commit, note.run));
  return { commit, note, numbers };
}

type OneNumber = Pick<RunNumber, 'metric' | 'value' | 'output'>;

async function numbersOn(ctx: Context, commit: Oid, run: string): Promise<OneNumber[]> {
  return (await ctx.repo.notes('metrics').read(commit)).flatMap((fact) => {
    if (!isObject(fact) || fact['run'] !== run) return [];
    const { metric, value, output } = fact;
    if (typeof metric !== 'string' || typeof value !== 'number' || typeof output !== 'string') return [];
    return [{ metric, value, output: output.replace(/^sha256:/, '') }];
  });
}

function byOutput(all: readonly OneNumber[]): NotedRun['numbers'] {
  const numbers = new Map<string, Map<string, number>>();
  for (const { metric, value, output } of all)
    numbers.set(output, (numbers.get(output) ?? new Map<string, number>()).set(metric, value));
  return numbers;
}

function heldAgainst(file: string, before: NotedRun | Unrun | undefined, after: NotedRun | Unrun): FileRuns {
  const [a, b] = [before && sideOf(before), sideOf(after)];
  const runs = [before, after].map((side) => (side && 'note' in side ? side : undefined));
  return {
    file,
    state: runState(a, b),
    ...(a ? { before: a } : {}),
    after: b,
    numbers: compareNumbers(meansOf(runs[0]), meansOf(runs[1]), (metric) => DIRECTIONS.get(metric) ?? 'none'),
    outputs: pairsOf(runs[0], runs[1]),
  };
}

function sideOf(side: NotedRun | Unrun): SideRun {
  if (!('note' in side)) return side;
  const { commit, note } = side;
  const { run, runner, time, took } = note;
  const failure = runFailure(note);
  const gates = gatesOf(side);
  return {
    commit,
    // A run that lost a file did not do what it was for.
    kind: failure && note.kind === 'finished' ? 'partial' : note.kind,
    ...{ run, runner, time, took },
    ...(failure ? { reason: failure.message } : {}),
    ...(gates.length > 0 ? { gates } : {}),
  };
}

/** The mean of each number over the outputs. */
function meansOf(run: NotedRun | undefined): ReadonlyMap<string, number> {
  const all = new Map<string, number[]>();
  for (const numbers of run?.numbers.values() ?? [])
    for (const [metric, value] of numbers) all.set(metric, [...(all.get(metric) ?? []), value]);
  return new Map([...all].map(([name, values]) => [name, values.reduce((sum, one) => sum + one, 0) / values.length]));
}

/** Signs that an output is broken, from the numbers that were noted of it; each once. */
function gatesOf({ note, numbers }: NotedRun): string[] {
  const gates = note.outputs.flatMap(({ id, width = 0, height = 0 }) => {
    const [lumaMean, lumaStd, clipHigh] = ['luma-mean', 'luma-std', 'clip-high'].map((name) =>
      numbers.get(id)?.get(name),
    );
    if (lumaMean === undefined || lumaStd === undefined || clipHigh === undefined) return [];
    const facts = { width, height, lumaMean, lumaStd, clipHigh, pixelSha256: '', dhash64: '' };
    return failedGates(facts).map(({ gate }) => gate);
  });
  return [...new Set(gates)];
}

function pairsOf(before: NotedRun | undefined, after: NotedRun | undefined): OutputPair[] {
  const [a, b] = [byPlace(before?.note.outputs ?? []), byPlace(after?.note.outputs ?? [])];
  return [...new Set([...b.keys(), ...a.keys()])].map((place) => {
    const [earlier, later] = [a.get(place), b.get(place)];
    const pixels = [earlier?.pixels ?? earlier?.id, later?.pixels ?? later?.id];
    const dot = place.lastIndexOf('.');
    return {
      node: place.slice(0, dot),
      at: Number(place.slice(dot + 1)),
      ...(earlier ? { before: earlier } : {}),
      ...(later ? { after: later } : {}),
      ...(earlier && later ? { isSame: pixels[0] === pixels[1] } : {}),
    };
  });
}

function checkOf(files: readonly FileRuns[]): CheckResult {
  const state = (['fail', 'warn'] as const).find((one) => files.some((file) => file.state === one)) ?? 'pass';
  return { check: 'run', state, text: files.map((file) => textOf(file, files.length > 1)).join('; '), runs: files };
}

function textOf({ file, before, after, numbers, outputs }: FileRuns, isOneOfMany: boolean): string {
  const name = isOneOfMany ? `${file}: ` : '';
  const { kind, reason = kind, runner } = after;
  if (kind === 'planned') return `${name}would run on ${runner}`;
  if (kind === 'not-run') return `${name}not run: ${reason}`;
  if (kind !== 'finished') return `${name}${reason}${before && before.kind !== 'finished' ? ', as its base' : ''}`;
  const pairs = outputs.filter(({ isSame }) => isSame !== undefined);
  const changed = pairs.filter(({ isSame }) => isSame === false).length;
  const told = (verdict: NumberChange['verdict']): string => {
    const names = numbers.filter((one) => one.verdict === verdict).map(({ metric }) => metric);
    return names.length === 0 ? '' : `, ${verdict}: ${names.join(', ')}`;
  };
  const known = new Set(before?.gates ?? []);
  const gates = (after.gates ?? []).filter((gate) => !known.has(gate)).map((gate) => `, ${gate}`);
  const against = !before
    ? ', nothing to compare it with'
    : before.kind !== 'finished'
      ? `, and its base does not: ${before.reason ?? before.kind}`
      : `, ${changed} of ${pairs.length} outputs changed`;
  return `${name}runs on ${runner}${against}${gates.join('')}${told('better')}${told('worse')}`;
}
