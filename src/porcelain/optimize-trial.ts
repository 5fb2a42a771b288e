import { isCwfError } from '../base/errors.ts';
import { docDigest } from '../core/workflow/digest.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import type { RunEvent, Runner } from '../io/runner/runner.ts';
import { PRUNERS } from '../plan/optimize/pruners/index.ts';
import { seedOf } from '../plan/optimize/rng.ts';
import type { Fidelity } from '../plan/optimize/sampler.ts';
import type { SetValue } from '../plan/optimize/study/definition.ts';
import { climbingIn, stepsTo } from '../plan/optimize/study/ladder.ts';
import type { OpenTrial, TrialRecord } from '../plan/optimize/study/record.ts';
import { fidelityOf, historyOf, type StudyState } from '../plan/optimize/study/state.ts';
import type { Intermediate, Trial } from '../plan/optimize/trial.ts';
import { atPoint } from '../plan/optimize/tunables/point-edits.ts';
import { compareFile } from './changes.ts';
import type { Context } from './context.ts';
import type { Identities } from './identity.ts';
import { parseFile } from './json-file.ts';
import { commitMessage, makeSubject } from './message.ts';
import { metricsOf, OF_RUNNERS, valuesOf } from './optimize-objectives.ts';
import type { OpenedStudy } from './optimize-open.ts';
import type { InvalidRun } from './run-check.ts';
import { type DocumentRun, finishRun } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import type { PreparedRun, RunChanges } from './run-prepare.ts';
import { isSilence, prepareFor } from './run-runners.ts';
import type { RunSource } from './run-source.ts';
import type { Seat } from './study-runners.ts';
import { toDocument } from './worktree.ts';

/** A trial as a commit that is not there yet: it is made when the trial has ended. */
export interface TrialPlan extends OpenTrial {
  readonly after: Workflow;
  readonly source: RunSource;
  readonly identity: Identities;
}

/** What came of a trial. */
export interface TrialOutcome
  extends Pick<TrialRecord, 'state' | 'values' | 'constraints' | 'failure' | 'reason' | 'intermediate'> {
  readonly runs: readonly DocumentRun[];
}

/** How often a run is begun when the runner and not the prompt is in trouble. */
const ATTEMPTS = 3;
const MODE = '100644';
/** How a run ends for what its prompt is: it would end so again. */
const CAUSED: ReadonlySet<string> = new Set(['failed', 'refused', 'partial']);

/** Makes the workflow of a trial, and says which commit it will be; one that is taken up again has it. */
export async function planTrial(ctx: Context, study: OpenedStudy, open: OpenTrial, made?: Oid): Promise<TrialPlan> {
  const { definition, workflow, tunables } = study;
  const { file } = definition;
  const at = atPoint(workflow, tunables, { ...definition.fixed, ...open.params }, ctx.catalog);
  const json = parseFile(toDocument(at).bytes, file);
  const after = at === workflow ? workflow : readWorkflow(json, { catalog: ctx.catalog, source: file });
  const identity = await ctx.identity();
  const source = { subject: '', file, json, document: docDigest(after) };
  const plan = { ...open, after, source, identity };
  if (made !== undefined) return { ...plan, source: { ...source, commit: made } };
  // Nothing is set here: the objects wait for the transaction that tells of the trial.
  const commit = await ctx.repo.transaction({ command: 'optimize', actor: ctx.actor }, (tx) =>
    stageTrial(ctx, tx, study, plan),
  );
  return { ...plan, source: { ...source, commit } };
}

/** Stages the commit of a trial; the same plan gives the same commit. */
export async function stageTrial(ctx: Context, tx: Transaction, study: OpenedStudy, plan: TrialPlan): Promise<Oid> {
  const { definition, workflow } = study;
  const { name, file, base } = definition;
  const change = compareFile(file, workflow, plan.after);
  const { tree: from } = await ctx.repo.readCommit(base);
  const mode = (await ctx.repo.listTree(from)).get(file)?.mode ?? MODE;
  const blob = { mode, oid: await tx.writeBlob(toDocument(plan.after).bytes) };
  const tree = change ? await tx.writeTree(from, new Map([[file, blob]])) : from;
  const told = change ? makeSubject([change]) : 'the workflow as it is';
  const message = commitMessage({
    op: 'trial',
    actor: ctx.actor,
    catalogHash: ctx.catalog.hash,
    changes: change ? [change] : [],
    message: `Trial ${plan.number} of ${name}: ${told}`.slice(0, 100),
    trailers: [
      { key: 'Cwf-Study', value: name },
      { key: 'Cwf-Trial', value: String(plan.number) },
    ],
  });
  return tx.writeCommit({ tree, parents: [base], message, ...plan.identity });
}

/** What runs of a trial are watched by. */
export interface TrialWatch {
  onEvent?(event: RunEvent): void;
  /** Something to know that ends nothing. */
  onRemark?(text: string): void;
  /** Interrupts the run; nothing comes of the trial then. */
  readonly quit?: AbortSignal;
  /** Asked before each run where runs cost money: whether there is any left. */
  pay?(): Promise<boolean>;
}

/**
 * Runs a trial on a runner, or the next part of one that stopped before, and measures what it leaves: once for each of its
 * seeds, or at each rung of its fidelity. How it ends is a value, trouble of the runner included, after three attempts;
 * undefined where no runner answers any more, or it was interrupted. Throws what ends the study: classes that no runner has, inputs that are
 * missing, RUNNER_AUTH, STORAGE_FAILED.
 */
export async function runTrial(
  ctx: Context,
  study: OpenedStudy,
  plan: TrialPlan,
  seat: Seat,
  state: StudyState,
  watch: TrialWatch = {},
): Promise<TrialOutcome | undefined> {
  const { definition } = study;
  const { objectives, repeats, limits } = definition;
  const fidelity = fidelityOf(definition) ?? ONE_RUN;
  const climbing = climbingIn(definition);
  const before = plan.part === undefined ? undefined : state.records.find(({ number }) => number === plan.number);
  const reports: Intermediate[] = [...(before?.intermediate ?? [])];
  const runs: DocumentRun[] = [];
  const kept = repeats > 1 || climbing !== undefined;
  const soFar = (): Pick<TrialOutcome, 'intermediate'> => (kept && reports.length > 0 ? { intermediate: reports } : {});
  const top = fidelity.rungs.at(-1)!;
  let isSeedless = false;
  for (const step of stepsTo(definition, fidelity, plan, reports)) {
    const isImages = fidelity.kind === 'images';
    const images = isImages ? [step - 1] : Array.from({ length: repeats }, (_, i) => i);
    // What a cheaper run takes says nothing of the whole one.
    const held = isImages || step === top ? limits : [];
    const rows: { readonly values: readonly number[]; readonly constraints: readonly number[] }[] = [];
    for (const image of images) {
      const set = definition.fidelity?.set?.[fidelity.rungs.indexOf(step)] ?? [];
      const ended = await runOnce(ctx, study, plan, seat, { image, set }, watch);
      if (!ended) return undefined;
      if ('failure' in ended) return { ...failed(ended, before), ...soFar(), runs: [...runs, ...ended.runs] };
      const told = valuesOf(ended.run, objectives, held);
      if (runs.length === 1 && image > 0 && pixelsOf(runs[0]!) !== '' && pixelsOf(runs[0]!) === pixelsOf(ended.run))
        watch.onRemark?.(`trial ${plan.number}: another seed gives the same picture`);
      runs.push(ended.run);
      if ('reason' in told) return { state: 'FAIL', failure: 'invalid', reason: told.reason, ...soFar(), runs };
      rows.push(told);
      isSeedless = repeats > 1 && ended.run.note.seeds.length === 0;
      if (isSeedless) break;
    }
    const constraints = meansBy(rows.map((row) => row.constraints));
    const values = meansBy(rows.map((row) => row.values));
    reports.push({ step, values, ...(held.length > 0 ? { constraints } : {}) });
    if (isSeedless) watch.onRemark?.(SEEDLESS);
    if (isSeedless && isImages) break;
    if (!climbing && step < top && isPruned(study, plan, state, reports)) return stopped(reports, fidelity, runs);
  }
  const isWhole = reports.at(-1)!.step >= top || (isSeedless && fidelity.kind === 'images');
  if (!isWhole) return stopped(reports, fidelity, runs);
  const { values, constraints } = wholeOf(reports, fidelity);
  return { state: 'COMPLETE', values, ...(constraints ? { constraints } : {}), ...soFar(), runs };
}

/** A trial without repeats, as a fidelity of one image. */
const ONE_RUN: Fidelity = { kind: 'images', rungs: [1], reduction: 3 };
const SEEDLESS = 'the workflow has no seed: repeats would be the same run, so each trial is run once';

/** What the reports of a trial come to: of images their mean, of others the last. */
function wholeOf(reports: readonly Intermediate[], { kind }: Fidelity): Omit<Intermediate, 'step'> {
  if (kind !== 'images') return reports.at(-1)!;
  const limited = reports.flatMap(({ constraints }) => (constraints ? [constraints] : []));
  const values = meansBy(reports.map((one) => one.values));
  return { values, ...(limited.length > 0 ? { constraints: meansBy(limited) } : {}) };
}

/** A trial that stopped for what it reported, and may be taken up again. */
function stopped(reports: readonly Intermediate[], fidelity: Fidelity, runs: readonly DocumentRun[]): TrialOutcome {
  const { constraints } = wholeOf(reports, fidelity);
  return { state: 'PRUNED', ...(constraints ? { constraints } : {}), intermediate: reports, runs };
}

/** A trial of which the world lost a later part keeps what it had, and is left at that. */
function failed(
  { failure, reason }: Extract<Ended, { readonly failure: unknown }>,
  before: TrialRecord | undefined,
): Omit<TrialOutcome, 'runs'> {
  const { constraints } = before ?? {};
  if (failure !== 'error' || before === undefined) return { state: 'FAIL', failure, reason };
  return { state: 'PRUNED', failure, reason, ...(constraints ? { constraints } : {}) };
}

function isPruned(
  { definition, space }: OpenedStudy,
  { number, params }: TrialPlan,
  state: StudyState,
  reports: readonly Intermediate[],
): boolean {
  if (definition.pruner === undefined) return false;
  const running: Trial = { number, params, state: 'RUNNING', intermediate: reports };
  const history = historyOf(definition, space, state, [running]);
  return PRUNERS[definition.pruner]!.pruner.shouldStop(history, history.fidelity!, number);
}

/** How one run of a trial ended. */
export type Ended =
  | { readonly run: DocumentRun }
  | {
      readonly failure: NonNullable<TrialRecord['failure']>;
      readonly reason: string;
      readonly runs: readonly DocumentRun[];
    };

/**
 * One run of a trial under the seed of an image, begun again while the runner is in trouble, and on another one where it
 * does not answer or would refuse it. Undefined where no runner is left for it, or `quit` interrupted it. Throws as `runTrial` does.
 */
export async function runOnce(
  ctx: Context,
  { definition, input }: OpenedStudy,
  { source, number }: TrialPlan,
  seat: Seat,
  { image, set }: { readonly image: number; readonly set: readonly SetValue[] },
  watch: TrialWatch,
): Promise<Ended | undefined> {
  const { objectives, limits, name, seed } = definition;
  const seeds = image === 0 ? {} : { fittedSeed: seedOf(`${name}|${seed}|image ${image}`) };
  const changes = { ...(input === undefined ? {} : { input }), ...(set.length > 0 ? { set } : {}), ...seeds };
  // Time that is measured is that of all nodes, not of those whose results are not kept.
  const fresh = [...objectives, ...limits].some((one) => OF_RUNNERS.has(one.name));
  const metrics = metricsOf([...objectives, ...limits]);
  const onEvent = (event: RunEvent) => watch.onEvent?.(event);
  const { quit } = watch;
  const interruptible = quit ? { signal: quit } : {};
  let trouble = '';
  const runs: DocumentRun[] = [];
  const left = new Set<Runner>();
  let prepared: PreparedRun | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (!prepared) {
      const placed = await placeOn(ctx, source, changes, seat);
      if (placed?.kind !== 'ready') return placed && { failure: 'invalid', reason: placed.error.message, runs };
      prepared = placed;
    }
    if (watch.pay && !(await watch.pay()))
      return { failure: 'error', reason: trouble === '' ? 'the money is spent' : trouble, runs };
    const { runner } = seat.known;
    const startedAt = ctx.now();
    let isSilent = false;
    try {
      const result = await runner.run(prepared.request, { onEvent, fresh, ...interruptible });
      if (quit?.aborted && result.kind !== 'finished') return undefined;
      const took = ctx.now() - startedAt;
      const run = await finishRun(ctx, prepared, { runner, result, took }, { metrics, record: false });
      if (run.note.kind === 'finished' && (run.note.lost ?? []).length === 0) return { run };
      runs.push(run);
      const reason = runFailure(run.note)?.message ?? run.note.kind;
      if (run.note.kind === 'out-of-memory') {
        const larger = await seat.larger();
        if (!larger) return { failure: 'out-of-memory', reason, runs };
        watch.onRemark?.(`trial ${number}: ${reason}; it is begun again on ${larger.name}, which has more memory`);
        if (!(await seat.move(larger))) return undefined;
        prepared = undefined;
        attempt--;
        continue;
      }
      if (CAUSED.has(run.note.kind)) return { failure: 'invalid', reason, runs };
      trouble = reason;
      isSilent = result.kind === 'lost' && result.reason === 'unreachable';
    } catch (error) {
      if (!isSilence(error) && !isCwfError(error, 'RUNNER_OUTPUT')) throw error;
      trouble = error.message;
      isSilent = isSilence(error);
    }
    if (attempt === ATTEMPTS) break;
    watch.onRemark?.(`trial ${number}: ${trouble}; it is begun again${isSilent ? ' where a runner answers' : ''}`);
    if (!isSilent) continue;
    if (!(await seat.leave(trouble))) return undefined;
    prepared = undefined;
    // One that was not tried has nothing to do with the trouble of this one. [RN-28]
    left.add(runner);
    if (!left.has(seat.known.runner)) attempt--;
  }
  return { failure: 'error', reason: trouble, runs };
}

/** Prepares a run for the runner that is held, or moves to one that would take it. Undefined where that does not come. */
async function placeOn(
  ctx: Context,
  source: RunSource,
  changes: RunChanges,
  seat: Seat,
): Promise<PreparedRun | InvalidRun | undefined> {
  for (;;) {
    const { prepared, known } = await prepareFor(ctx, source, changes, seat.choice);
    if (prepared.kind === 'invalid' || known === seat.known) return prepared;
    if (!(await seat.move(known.runner))) return undefined;
  }
}

/** The pictures of a run by their pixels. */
function pixelsOf({ note }: DocumentRun): string {
  return note.outputs
    .map(({ pixels = '' }) => pixels)
    .join(' ')
    .trim();
}

function meansBy(rows: readonly (readonly number[])[]): number[] {
  const [first = []] = rows;
  return first.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}
