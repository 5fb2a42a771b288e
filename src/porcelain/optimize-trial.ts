import { isCwfError } from '../base/errors.ts';
import { docDigest } from '../core/workflow/digest.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import type { RunEvent } from '../io/runner/runner.ts';
import { PRUNERS } from '../plan/optimize/pruners/index.ts';
import { seedOf } from '../plan/optimize/rng.ts';
import type { OpenTrial, TrialRecord } from '../plan/optimize/study/record.ts';
import { historyOf, type StudyState } from '../plan/optimize/study/state.ts';
import type { Intermediate, Trial } from '../plan/optimize/trial.ts';
import { atPoint } from '../plan/optimize/tunables/point-edits.ts';
import { compareFile } from './changes.ts';
import type { Context } from './context.ts';
import type { Identities } from './identity.ts';
import { parseFile } from './json-file.ts';
import { commitMessage, makeSubject } from './message.ts';
import { metricsOf, valuesOf } from './optimize-objectives.ts';
import type { OpenedStudy } from './optimize-open.ts';
import { type DocumentRun, finishRun } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { prepareRun } from './run-prepare.ts';
import type { KnownRunner } from './run-runners.ts';
import type { RunSource } from './run-source.ts';
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

/** Makes the workflow of a trial, and says which commit it will be. */
export async function planTrial(ctx: Context, study: OpenedStudy, open: OpenTrial): Promise<TrialPlan> {
  const { definition, workflow, tunables } = study;
  const { file } = definition;
  const at = atPoint(workflow, tunables, { ...definition.fixed, ...open.params }, ctx.catalog);
  const { bytes } = toDocument(at);
  const json = parseFile(bytes, file);
  const after = at === workflow ? workflow : readWorkflow(json, { catalog: ctx.catalog, source: file });
  const identity = await ctx.identity();
  const source = { subject: '', file, json, document: docDigest(after) };
  const plan = { ...open, after, source, identity };
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
}

/**
 * Runs a trial on a runner, once for each of its seeds, and measures what it leaves. How it ends is a value, trouble of
 * the runner included, after three attempts. Throws what ends the study: classes the runner has not, inputs that are
 * missing, RUNNER_AUTH, STORAGE_FAILED.
 */
export async function runTrial(
  ctx: Context,
  study: OpenedStudy,
  plan: TrialPlan,
  known: KnownRunner,
  state: StudyState,
  watch: TrialWatch = {},
): Promise<TrialOutcome> {
  const { definition, space } = study;
  const { objectives, limits, repeats } = definition;
  const runs: DocumentRun[] = [];
  const each: (Intermediate & { readonly constraints: readonly number[] })[] = [];
  for (let image = 0; image < repeats; image++) {
    const ended = await runOnce(ctx, study, plan, known, image, watch);
    if ('failure' in ended) return { ...ended, state: 'FAIL', runs: [...runs, ...ended.runs] };
    runs.push(ended.run);
    const told = valuesOf(ended.run, objectives, limits);
    if ('reason' in told) return { state: 'FAIL', failure: 'invalid', reason: told.reason, runs };
    each.push({ step: image + 1, ...told });
    if (image === 0 && repeats > 1 && ended.run.note.seeds.length === 0) {
      watch.onRemark?.('the workflow has no seed: repeats would be the same run, so each trial is run once');
      break;
    }
    if (image === 1 && pixelsOf(runs[0]!) !== '' && pixelsOf(runs[0]!) === pixelsOf(runs[1]!))
      watch.onRemark?.(`trial ${plan.number}: another seed gives the same picture`);
    if (image + 1 < repeats && definition.pruner !== undefined) {
      const running: Trial = { number: plan.number, params: plan.params, state: 'RUNNING', intermediate: each };
      const history = historyOf(definition, space, state);
      const trials = [...history.trials.filter(({ number }) => number !== plan.number), running];
      const { pruner } = PRUNERS[definition.pruner]!;
      if (pruner.shouldStop({ ...history, trials }, history.fidelity!, plan.number))
        return { state: 'PRUNED', intermediate: bare(each), runs };
    }
  }
  const values = meansBy(each.map((one) => one.values));
  const constraints = meansBy(each.map((one) => one.constraints));
  return {
    state: 'COMPLETE',
    values,
    ...(limits.length > 0 ? { constraints } : {}),
    ...(repeats > 1 ? { intermediate: bare(each) } : {}),
    runs,
  };
}

type Ended =
  | { readonly run: DocumentRun }
  | {
      readonly failure: NonNullable<TrialRecord['failure']>;
      readonly reason: string;
      readonly runs: readonly DocumentRun[];
    };

/** One run of a trial, begun again while the runner is in trouble. */
async function runOnce(
  ctx: Context,
  { definition, input }: OpenedStudy,
  { source, number }: TrialPlan,
  { runner, definitions }: KnownRunner,
  image: number,
  watch: TrialWatch,
): Promise<Ended> {
  const { objectives, name, seed } = definition;
  const seeds = image === 0 ? {} : { seed: seedOf(`${name}|${seed}|image ${image}`) };
  const changes = { ...(input === undefined ? {} : { input }), ...seeds };
  const prepared = await prepareRun(ctx, source, changes, definitions);
  if (prepared.kind === 'invalid') return { failure: 'invalid', reason: prepared.error.message, runs: [] };
  // Time that is measured is that of all nodes, not of those whose results are not kept.
  const fresh = objectives.some((one) => one.name === 'latency' || one.name === 'vram');
  const metrics = metricsOf(objectives);
  let trouble = '';
  const runs: DocumentRun[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const startedAt = ctx.now();
    try {
      const onEvent = (event: RunEvent) => watch.onEvent?.(event);
      const result = await runner.run(prepared.request, { onEvent, fresh });
      const took = ctx.now() - startedAt;
      const run = await finishRun(ctx, prepared, { runner, result, took }, { metrics, record: false });
      if (run.note.kind === 'finished' && (run.note.lost ?? []).length === 0) return { run };
      runs.push(run);
      const reason = runFailure(run.note)?.message ?? run.note.kind;
      if (run.note.kind === 'out-of-memory') return { failure: 'out-of-memory', reason, runs };
      if (CAUSED.has(run.note.kind)) return { failure: 'invalid', reason, runs };
      trouble = reason;
    } catch (error) {
      if (!isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER', 'RUNNER_OUTPUT')) throw error;
      trouble = error.message;
    }
    if (attempt < ATTEMPTS) watch.onRemark?.(`trial ${number}: ${trouble}; it is begun again`);
  }
  return { failure: 'error', reason: trouble, runs };
}

/** The pictures of a run by their pixels. */
function pixelsOf({ note }: DocumentRun): string {
  return note.outputs
    .map(({ pixels = '' }) => pixels)
    .join(' ')
    .trim();
}

function bare(each: readonly Intermediate[]): Intermediate[] {
  return each.map(({ step, values }) => ({ step, values }));
}

function meansBy(rows: readonly (readonly number[])[]): number[] {
  const [first = []] = rows;
  return first.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}
