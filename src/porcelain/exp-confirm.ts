import { CwfError, isCwfError } from '../base/errors.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Clock } from '../io/runner/clock.ts';
import type { RunEvent } from '../io/runner/runner.ts';
import { trialsToConfirm, trialToTake } from '../plan/optimize/results/confirmed.ts';
import { type Confirmation, confirmationFact, foldConfirmations } from '../plan/optimize/study/confirmation.ts';
import { affords, type Money, type Objective } from '../plan/optimize/study/definition.ts';
import { isByPreference } from '../plan/optimize/study/preference.ts';
import type { StudyState } from '../plan/optimize/study/state.ts';
import { isWeighted } from '../plan/optimize/study/utility.ts';
import { refuseHosted } from '../plan/optimize/tunables/hosted.ts';
import { stageCatalog } from './catalog-store.ts';
import type { Context } from './context.ts';
import type { OptimizeOutput, ResumeOptions } from './optimize.ts';
import { MOST_TROUBLE } from './optimize-loop.ts';
import { OF_RUNNERS, refuseUnmeasurable, valuesOf } from './optimize-objectives.ts';
import { type OpenedStudy, openStudy } from './optimize-open.ts';
import { type Ended, planTrial, runOnce, type TrialPlan } from './optimize-trial.ts';
import { type DocumentRun, stageRun } from './run-document.ts';
import { readRuns } from './run-note.ts';
import { prepareRun } from './run-prepare.ts';
import type { KnownRunner } from './run-runners.ts';
import type { OpenRunners } from './runners.ts';
import { openHosts, studyRunners, underLock, withMoney } from './study-hosts.ts';
import type { Seat, StudyRunners } from './study-runners.ts';
import { findStudy, STUDY_NOTES, type Study, writeStudy } from './study-store.ts';
import { type ConfirmedReport, confirmedReport } from './study-view.ts';
import { defineVerb } from './verb.ts';

/** What is confirmed, and how. */
export interface ExpConfirmInput extends ResumeOptions {
  readonly study: string;
  /** Trials beside the workflow as it is; 3 by default. */
  readonly top?: number;
  /** Seeds that the study did not have; 5 by default. Those that were run before count. */
  readonly seeds?: number;
  readonly dryRun?: boolean;
}

/** A study after its best trials were run under other seeds. */
export interface ExpConfirmOutput {
  readonly study: string;
  /** What trials are ranked by. */
  readonly ranked: readonly Objective[];
  /** The trials that were to be confirmed, the workflow as it is (0) among them where the space holds it. */
  readonly wanted: readonly number[];
  /** Runs that are left of what was asked; in a dry run all that would be made. */
  readonly left: number;
  /** All that was ever confirmed of the study; absent while nothing was. */
  readonly confirmed?: ConfirmedReport;
  /** The trial to take now, and the one that was the best before. */
  readonly best?: number;
  readonly before?: number;
}

/** How confirming is watched and ended by who asked for it. */
export interface ConfirmWatch {
  /** Ends it after the runs that run. */
  readonly signal?: AbortSignal;
  /** Interrupts those as well. Given after the other one. */
  readonly quit?: AbortSignal;
  onReady?(plan: Pick<ExpConfirmOutput, 'study' | 'wanted' | 'left'> & { readonly runners: readonly string[] }): void;
  onRun?(trial: number, runner: string): void;
  onEvent?(trial: number, event: RunEvent): void;
  onDone?(confirmation: Confirmation): void;
  onRemark?(text: string): void;
  /** As of `StudyWatch`. */
  readonly clock?: Clock;
}

/** One step of confirming, as callers at a door are told. */
export type ConfirmStep =
  | { readonly kind: 'run'; readonly trial: number; readonly runner: string }
  | { readonly kind: 'done'; readonly confirmation: Confirmation }
  | { readonly kind: 'remark'; readonly text: string };

interface Reporting {
  readonly report?: (step: ConfirmStep) => void;
}

const TOP = 3;
const SEEDS = 5;

/**
 * `cwf exp confirm`: runs the best trials of a study, and the workflow as it is, under seeds that the study did not have,
 * the same ones for all. Each run that ends is one operation. Throws STUDY_NOT_FOUND, STUDY_BUSY, STUDY_BASE_GONE,
 * STUDY_UNCONFIRMED, STUDY_RUNNERS, SPACE_HOSTED, and what `runOnce` throws. [ST-27]
 */
export async function confirmStudy(
  ctx: Context,
  input: ExpConfirmInput,
  watch: ConfirmWatch = {},
  open: () => Promise<OpenRunners> = () => openHosts(ctx, input.hosts),
): Promise<ExpConfirmOutput> {
  const { definition: found } = await findStudy(ctx, input.study);
  return underLock(ctx, found.name, async () => {
    const study = await findStudy(ctx, input.study);
    const definition = withMoney('exp confirm', study.definition, input);
    const opened = await openStudy(ctx, definition, input.input);
    refuseHosted(opened, definition.file, definition.money);
    const wanted = wantedOf(opened, study.state, input.top ?? TOP);
    const jobs = jobsOf(definition, study.state, wanted, input.seeds ?? SEEDS);
    const { runners, close } = await open();
    try {
      const names = runners.map(({ name }) => name);
      await refuseUnmeasurable(ctx, definition, names);
      const ready = (): void => watch.onReady?.({ study: definition.name, wanted, left: jobs.length, runners: names });
      if (input.dryRun || jobs.length === 0) {
        ready();
        return outputOf(opened, study.state, study.state, wanted, jobs.length);
      }
      const confirming = new Confirming(ctx, opened, study, watch);
      const used = await studyRunners(ctx, opened, runners, watch);
      try {
        await confirming.check(jobs[0]!, used.useful[0]!);
        ready();
        const left = await confirming.run(jobs, used);
        return outputOf(opened, study.state, confirming.state, wanted, left);
      } finally {
        used.close();
      }
    } finally {
      await close();
    }
  });
}

/** The verb: as `confirmStudy` with its steps told to `report`. */
export const expConfirm = defineVerb<ExpConfirmInput & Reporting, ExpConfirmOutput>({
  name: 'exp confirm',
  summary: 'Run the best trials of a study under other seeds',
  mutates: true,
  reports: true,
  run: (ctx, { report, ...input }) =>
    confirmStudy(
      ctx,
      input,
      report && {
        onRun: (trial, runner) => report({ kind: 'run', trial, runner }),
        onDone: (confirmation) => report({ kind: 'done', confirmation }),
        onRemark: (text) => report({ kind: 'remark', text }),
      },
    ),
});

/** Whether the trial to take was run with a seed, and under no other ones so far: then there is something to confirm. */
export async function isLuckPossible(ctx: Context, out: OptimizeOutput): Promise<boolean> {
  const { definition, space, state, commits } = out;
  const best = trialToTake(definition, space, state);
  if (best === undefined || best === 0 || isByPreference(definition.objectives)) return false;
  const number = state.records.find((one) => one.number === best)?.copies ?? best;
  const commit = commits.get(number);
  if (commit === undefined || state.confirmations?.some((one) => one.number === number)) return false;
  return (await readRuns(ctx, commit)).some(({ seeds }) => seeds.length > 0);
}

/** The trials to confirm. Throws STUDY_UNCONFIRMED where there are none, or no run can tell which is better. */
function wantedOf({ definition, space, point }: OpenedStudy, state: StudyState, top: number): number[] {
  const { name, objectives } = definition;
  const fault = (reason: string): CwfError => new CwfError('STUDY_UNCONFIRMED', { study: name, reason });
  if (isByPreference(objectives)) throw fault('what people prefer is theirs to say: cwf rank');
  const best = trialsToConfirm(definition, space, state, top);
  if (best.length === 0) throw fault('no trial of it is measured and holds its limits');
  const isBaseRun = point !== undefined && state.records.some((one) => one.number === 0 && one.state === 'COMPLETE');
  return isBaseRun && !best.includes(0) ? [...best, 0] : [...best];
}

interface Job {
  readonly number: number;
  readonly image: number;
}

/** The runs that are not there yet, seed by seed: wherever it ends, trials have nearly the same ones. */
function jobsOf(
  { repeats }: OpenedStudy['definition'],
  state: StudyState,
  wanted: readonly number[],
  seeds: number,
): Job[] {
  const known = new Set((state.confirmations ?? []).map(({ number, image }) => `${number} ${image}`));
  const images = Array.from({ length: seeds }, (_, i) => repeats + i);
  return images
    .flatMap((image) => wanted.map((number) => ({ number, image })))
    .filter(({ number, image }) => !known.has(`${number} ${image}`));
}

class Confirming {
  private readonly ctx: Context;
  private readonly opened: OpenedStudy;
  private readonly study: Study;
  private readonly watch: ConfirmWatch;
  private readonly plans = new Map<number, Promise<TrialPlan>>();
  state: StudyState;
  private paid: number;
  private trouble = 0;
  private isUnpaid = false;
  private isSeedless = false;
  private fault: { readonly error: unknown } | undefined;
  /** Writing is one after the other: what was paid is a compare-and-swap. */
  private writing: Promise<unknown> = Promise.resolve();

  constructor(ctx: Context, opened: OpenedStudy, study: Study, watch: ConfirmWatch) {
    this.ctx = ctx;
    this.opened = opened;
    this.study = study;
    this.watch = watch;
    this.state = study.state;
    this.paid = study.paid ?? 0;
  }

  /** Runs what is to be run, one on each runner at a time, and returns how much is left. */
  async run(jobs: readonly Job[], runners: StudyRunners): Promise<number> {
    const queue = [...jobs];
    let left = jobs.length;
    let running = 0;
    const work = async (): Promise<void> => {
      const seat = runners.seat();
      try {
        while ((await seat.take()) && !this.isOver()) {
          const job = queue.shift();
          if (!job) break;
          running++;
          const isTold = await this.confirm(job, seat);
          running--;
          seat.give();
          if (isTold) left--;
          else if (runners.outage !== undefined) throw this.noRunner(runners.outage);
        }
      } catch (error) {
        this.fault ??= { error };
      } finally {
        seat.give();
        if ((queue.length === 0 && running === 0) || this.isOver()) runners.close();
      }
    };
    await Promise.all(Array.from({ length: runners.count }, work));
    await this.writing;
    if (this.fault) throw this.fault.error;
    return left;
  }

  private isOver(): boolean {
    return this.fault !== undefined || this.isUnpaid || this.watch.signal?.aborted === true;
  }

  private planOf(number: number): Promise<TrialPlan> {
    const known = this.plans.get(number);
    if (known) return known;
    const { params } = this.state.records.find((one) => one.number === number)!;
    const plan = planTrial(this.ctx, this.opened, { number, params }, this.study.commits.get(number));
    this.plans.set(number, plan);
    return plan;
  }

  /** Looks whether there are seeds at all. Throws STUDY_UNCONFIRMED where each run is the same without, as all but times are. */
  async check({ number }: Job, { definitions }: KnownRunner): Promise<void> {
    const { definition, input } = this.opened;
    const { source } = await this.planOf(number);
    const prepared = await prepareRun(this.ctx, source, input === undefined ? {} : { input }, definitions);
    this.isSeedless = prepared.kind === 'ready' && prepared.known.seeds.length === 0;
    // These differ from run to run without a seed.
    const isTimed = [...definition.objectives, ...definition.limits].some(({ name }) => OF_RUNNERS.has(name));
    if (!this.isSeedless || isTimed) return;
    const reason = 'the workflow has no seed: each run of it is the same';
    throw new CwfError('STUDY_UNCONFIRMED', { study: definition.name, reason });
  }

  /** One run; false where the world made it fail, which says nothing of the trial. */
  private async confirm({ number, image }: Job, seat: Seat): Promise<boolean> {
    const { watch, opened } = this;
    const { definition } = opened;
    watch.onRun?.(number, seat.known.runner.name);
    const plan = await this.planOf(number);
    const ended = await runOnce(
      this.ctx,
      opened,
      plan,
      seat,
      { image: this.isSeedless ? 0 : image, set: [] },
      {
        onRemark: (text) => watch.onRemark?.(text),
        onEvent: (event) => watch.onEvent?.(number, event),
        ...(watch.quit ? { quit: watch.quit } : {}),
        ...(definition.money ? { pay: () => this.pay(definition.money!) } : {}),
      },
    );
    if (!ended) return false;
    if ('failure' in ended && ended.failure === 'error') {
      if (this.isUnpaid) return false;
      if (++this.trouble >= MOST_TROUBLE) throw this.noRunner(ended.reason);
      watch.onRemark?.(`trial ${number}: ${ended.reason}`);
      return false;
    }
    this.trouble = 0;
    await this.inTurn(() => this.tell({ number, image }, seat.known.runner.name, ended));
    return true;
  }

  private noRunner(reason: string): CwfError {
    const { name } = this.opened.definition;
    return new CwfError('STUDY_RUNNERS', { study: name, reason, again: `cwf exp confirm ${name}` });
  }

  /** Notes a run and what it says on the commit of its trial, in one operation. */
  private async tell({ number, image }: Job, runner: string, ended: Ended): Promise<void> {
    const { name, objectives, limits } = this.opened.definition;
    const runs: readonly DocumentRun[] = 'failure' in ended ? ended.runs : [ended.run];
    const said =
      'failure' in ended
        ? { failure: ended.failure, reason: ended.reason }
        : outcomeOf(valuesOf(ended.run, objectives, limits));
    const run = runs.at(-1)?.note.run;
    const confirmation: Confirmation = {
      study: name,
      number,
      image,
      ...said,
      ...(run === undefined ? {} : { run }),
      runner,
      end: this.ctx.now() / 1000,
    };
    const commit = this.study.commits.get(number)!;
    await this.ctx.repo.transaction({ command: 'exp confirm', actor: this.ctx.actor }, async (tx: Transaction) => {
      await stageCatalog(this.ctx, tx);
      for (const one of runs) stageRun(this.ctx, tx, commit, one);
      this.ctx.repo.notes(STUDY_NOTES).add(tx, commit, confirmationFact(confirmation));
    });
    const confirmations = foldConfirmations([...(this.state.confirmations ?? []), confirmation]);
    this.state = { ...this.state, confirmations };
    this.watch.onDone?.(confirmation);
  }

  /** Counts a run before it is begun, in the repository: a process that dies has paid for it all the same. [ST-20] */
  private pay(money: Money): Promise<boolean> {
    return this.inTurn(async () => {
      if (!affords(money, this.paid + 1)) {
        const { most, perRun } = money;
        if (!this.isUnpaid)
          this.watch.onRemark?.(`${this.paid} runs of ${perRun} each were paid for, of ${most}: no more are begun`);
        this.isUnpaid = true;
        return false;
      }
      this.paid++;
      const { name } = this.opened.definition;
      for (;;) {
        const now = await findStudy(this.ctx, name);
        const file = { ...now, definition: { ...now.definition, money }, paid: this.paid };
        try {
          await writeStudy(this.ctx, 'exp confirm', file, now.tip);
          return true;
        } catch (error) {
          if (!isCwfError(error, 'REF_STALE')) throw error;
        }
      }
    });
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.writing.then(action);
    this.writing = turn.catch(() => {});
    return turn;
  }
}

function outcomeOf(told: ReturnType<typeof valuesOf>): Partial<Confirmation> {
  if ('reason' in told) return { failure: 'invalid', reason: told.reason };
  const { values, constraints } = told;
  return { values, ...(constraints.length > 0 ? { constraints } : {}) };
}

function outputOf(
  opened: OpenedStudy,
  before: StudyState,
  now: StudyState,
  wanted: readonly number[],
  left: number,
): ExpConfirmOutput {
  const { definition, space } = opened;
  const { objectives, name } = definition;
  const confirmed = confirmedReport({ ...opened, state: now });
  const best = trialToTake(definition, space, now);
  const { confirmations: _, ...measured } = before;
  const first = trialToTake(definition, space, measured);
  return {
    study: name,
    ranked: isWeighted(objectives) ? [{ name: 'utility', direction: 'maximize' }] : objectives,
    wanted,
    left,
    ...(confirmed ? { confirmed } : {}),
    ...(best === undefined ? {} : { best }),
    ...(first === undefined ? {} : { before: first }),
  };
}
