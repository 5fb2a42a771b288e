import { CwfError, isCwfError } from '../base/errors.ts';
import { trialRef } from '../io/repo/revision.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Clock } from '../io/runner/clock.ts';
import type { RunEvent } from '../io/runner/runner.ts';
import type { Sampler } from '../plan/optimize/sampler.ts';
import { samplerOf } from '../plan/optimize/study/ask.ts';
import { affords, type Money } from '../plan/optimize/study/definition.ts';
import { runsOf } from '../plan/optimize/study/ladder.ts';
import { nextTrial } from '../plan/optimize/study/next.ts';
import { isByPreference, waitingTrials } from '../plan/optimize/study/preference.ts';
import { type OpenTrial, type TrialRecord, trialFact } from '../plan/optimize/study/record.ts';
import {
  knownOutcome,
  nextNumber,
  outcomeOf,
  type StudyState,
  withOpen,
  withRecord,
} from '../plan/optimize/study/state.ts';
import { stageCatalog } from './catalog-store.ts';
import type { Context } from './context.ts';
import type { OpenedStudy } from './optimize-open.ts';
import { planTrial, runTrial, stageTrial, type TrialOutcome, type TrialPlan } from './optimize-trial.ts';
import { stageRun } from './run-document.ts';
import { answersAmong, untilMore } from './study-answers.ts';
import type { Seat, StudyRunners } from './study-runners.ts';
import { findStudy, STUDY_NOTES, STUDY_REFS, type Study, writeStudy } from './study-store.ts';

/** How a running study is watched and ended by who asked for it. */
export interface StudyWatch {
  /** Ends the study after the trials that run. */
  readonly signal?: AbortSignal;
  /** Interrupts those as well: they are begun again when it goes on. Given after the other one. */
  readonly quit?: AbortSignal;
  onTrial?(trial: OpenTrial, runner: string): void;
  onEvent?(trial: number, event: RunEvent): void;
  onDone?(record: TrialRecord, commit: Oid, state: StudyState): void;
  onRemark?(text: string): void;
  /** So many trials wait to be looked at, and no more are begun before that; told again when the number changes. */
  onWait?(trials: number): void;
  /** Comes back after a while, or sooner: then it is looked whether anybody chose. A second by default. */
  pause?(signal?: AbortSignal): Promise<void>;
  /** By which runners that do not answer are asked again; that of the machine by default. */
  readonly clock?: Clock;
}

/** What is to be run now. */
interface NextTrial {
  readonly open: OpenTrial;
  /** What the sampler still expects of it. */
  readonly expected?: number;
}

/** Why a study goes no further now. */
export interface StudyEnd {
  readonly status: 'stopped' | 'finished';
  readonly reason: string;
  readonly state: StudyState;
  readonly tip: Oid;
  readonly commits: ReadonlyMap<number, Oid>;
  /** Runs that were begun and cost money, in all. */
  readonly paid?: number;
}

/** Trials, or runs, in a row that the world made fail: then it is left alone. */
export const MOST_TROUBLE = 3;
const UNPLACED = 'the runners that would take it do not answer';
/** So many trials that nobody has looked at are enough (`n_generate` of optuna-dashboard): then it waits for choices. */
const MOST_UNSEEN = 5;

/**
 * Runs the trials of a study over runners, one on each at a time, until its budget is spent, nothing more is to be
 * expected, or somebody ends it. Each trial that ends is one operation: its commit, its runs, its numbers and how it
 * ended. Throws STUDY_TAKEN where another process has it now, STUDY_BASE_FAILS, STUDY_RUNNERS, and what `runTrial` throws.
 */
export async function runStudy(
  ctx: Context,
  opened: OpenedStudy,
  study: Study,
  runners: StudyRunners,
  watch: StudyWatch = {},
): Promise<StudyEnd> {
  return new Coordinator(ctx, opened, study, watch).run(runners);
}

class Coordinator {
  private readonly ctx: Context;
  private readonly opened: OpenedStudy;
  private readonly watch: StudyWatch;
  private readonly sampler: Sampler;
  private readonly commits: Map<number, Oid>;
  private readonly startedAt: number;
  /** Numbers that run here, each with the runs it may still pay for. */
  private readonly running = new Map<number, number>();
  /** Runners without a trial, until one of the others ends. */
  private waiting: (() => void)[] = [];
  private readonly claim: string;
  private state: StudyState;
  private tip: Oid;
  private end: Pick<StudyEnd, 'status' | 'reason'> | undefined;
  private fault: { readonly error: unknown } | undefined;
  private trouble = 0;
  private paid: number;
  /** Trials that it told to wait to be looked at. */
  private told = -1;
  /** One after the other: the ref of the study is a compare-and-swap. */
  private telling: Promise<void> = Promise.resolve();

  constructor(ctx: Context, opened: OpenedStudy, study: Study, watch: StudyWatch) {
    this.ctx = ctx;
    this.opened = opened;
    this.watch = watch;
    this.sampler = samplerOf(opened.definition, opened.space);
    this.commits = new Map(study.commits);
    this.startedAt = ctx.now();
    this.claim = study.claim;
    this.state = study.state;
    this.tip = study.tip;
    this.paid = study.paid ?? 0;
  }

  async run(runners: StudyRunners): Promise<StudyEnd> {
    await Promise.all(Array.from({ length: runners.count }, () => this.work(runners)));
    await this.telling;
    if (this.fault) throw this.fault.error;
    const { status, reason } = this.end ?? { status: 'stopped' as const, reason: 'no runner is left' };
    const { state, tip, commits, paid } = this;
    return { status, reason, state, tip, commits, ...(this.opened.definition.money ? { paid } : {}) };
  }

  /** One after the other, each on the runner that is there for it: as many of these go on as there are runners. */
  private async work(runners: StudyRunners): Promise<void> {
    const seat = runners.seat();
    try {
      while (await seat.take()) {
        const next = await this.nextOrWait(seat);
        if (!next) break;
        const { open, expected } = next;
        this.watch.onTrial?.(open, seat.known.runner.name);
        const start = this.ctx.now() / 1000;
        const made = open.part === undefined ? undefined : this.commits.get(open.number);
        const plan = await planTrial(this.ctx, this.opened, open, made);
        const outcome = this.reused(plan) ?? (await this.ran(plan, seat));
        // It is begun again when the study goes on.
        if (!outcome && this.isOver()) break;
        const { name } = this.opened.definition;
        if (!outcome && runners.outage !== undefined)
          throw new CwfError('STUDY_RUNNERS', { study: name, reason: runners.outage });
        const told: TrialOutcome = outcome ?? { state: 'FAIL', failure: 'error', reason: UNPLACED, runs: [] };
        const runner = outcome && seat.known.runner.name;
        await this.tell(plan, told, { start, ...(expected === undefined ? {} : { expected }) }, runner);
        // A trial that waits for this one comes first.
        seat.give();
      }
    } catch (error) {
      this.fault ??= { error };
    } finally {
      seat.give();
      if (this.isOver()) runners.close();
      this.wake();
    }
  }

  /** As `next`, with all that people chose until now; waits for them where too many trials were not looked at. [ST-25] */
  private async nextOrWait(seat: Seat): Promise<NextTrial | undefined> {
    const { definition } = this.opened;
    if (!isByPreference(definition.objectives)) return this.next(seat);
    for (;;) {
      const answers = await answersAmong(this.ctx, this.commits);
      this.state = { ...this.state, answers };
      const unseen = waitingTrials(this.state).length;
      const isEnough = unseen >= MOST_UNSEEN && nextNumber(this.state) < definition.budget;
      const isBegun = this.state.open.some(({ number }) => !this.running.has(number));
      if (!isEnough || isBegun || this.isOver()) return this.next(seat);
      if (unseen !== this.told) this.watch.onWait?.(unseen);
      this.told = unseen;
      seat.give();
      await (this.watch.pause ?? untilMore)(this.watch.signal);
      await this.heed();
      if (!(await seat.take())) return undefined;
    }
  }

  /** Ends the study where somebody asked it to while it waited. Throws STUDY_TAKEN. */
  private async heed(): Promise<void> {
    const { name } = this.opened.definition;
    if ((await this.ctx.repo.readRef(STUDY_REFS + name)) === this.tip) return;
    const now = await findStudy(this.ctx, name);
    if (now.claim !== this.claim) throw new CwfError('STUDY_TAKEN', { study: name, trial: 'the next' });
    this.tip = now.tip;
    if (now.status !== 'running') this.end = { status: 'stopped', reason: now.reason };
  }

  /**
   * The next trial, or undefined where none is to be begun: what was begun before first, then what the study asks for.
   * Where nothing more is to be done unless what runs changes that, it waits for what runs, and leaves the runner to that.
   */
  private async next(seat: Seat): Promise<NextTrial | undefined> {
    while (!this.isOver()) {
      const { definition, space, point } = this.opened;
      const left = this.state.open.find(({ number }) => !this.running.has(number));
      const study = { definition, space, sampler: this.sampler, ...(point ? { point } : {}) };
      const step = left ? { kind: 'trial' as const, open: left } : nextTrial(study, this.state);
      const over = step.kind === 'over' ? { status: 'finished' as const, reason: step.reason } : this.unpaid(step.open);
      if (step.kind === 'trial' && over === undefined) {
        const { open } = step;
        if (!left) this.state = withOpen(this.state, open);
        this.running.set(open.number, this.runsOf(open));
        return step;
      }
      if (this.running.size === 0) this.end = over;
      else {
        seat.give();
        await new Promise<void>((resolve) => this.waiting.push(resolve));
        if (!(await seat.take())) return undefined;
      }
    }
    return undefined;
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  private isOver(): boolean {
    if (this.fault || this.end) return true;
    const { seconds } = this.opened.definition;
    if (this.watch.signal?.aborted) this.end = { status: 'stopped', reason: 'it was interrupted' };
    else if (seconds !== undefined && this.ctx.now() - this.startedAt >= seconds * 1000)
      this.end = { status: 'stopped', reason: `its ${seconds / 60} minutes are over` };
    return this.end !== undefined;
  }

  private runsOf(open: OpenTrial): number {
    return runsOf(this.opened.definition, open, this.state);
  }

  /** Why the runs of a trial are not begun: they could cost more than is left. [ST-20] */
  private unpaid(open: OpenTrial): Pick<StudyEnd, 'status' | 'reason'> | undefined {
    const { money } = this.opened.definition;
    if (!money || this.canPay(money, this.runsOf(open))) return undefined;
    return { status: 'stopped', reason: `${this.paid} runs of ${money.perRun} each were paid for, of ${money.most}` };
  }

  /** Whether some runs more can be paid for, beside what was paid and what the trials that run may still pay. */
  private canPay(money: Money, runs: number): boolean {
    const owed = [...this.running.values()].reduce((sum, one) => sum + one, 0);
    return affords(money, this.paid + owed + runs);
  }

  /** Counts a run before it is begun, in the repository: a process that dies has paid for it all the same. [ST-20] */
  private pay(number: number): Promise<boolean> {
    const { money, name } = this.opened.definition;
    if (!money) return Promise.resolve(true);
    const paying = this.telling.then(async () => {
      if (this.fault) return false;
      // One that is begun again was not reckoned with.
      const owed = this.running.get(number) ?? 0;
      if (owed === 0 && !this.canPay(money, 1)) return false;
      this.running.set(number, Math.max(0, owed - 1));
      this.paid++;
      for (;;) {
        const now = await findStudy(this.ctx, name);
        if (now.claim !== this.claim) throw new CwfError('STUDY_TAKEN', { study: name, trial: String(number) });
        if (now.status !== 'running') this.end = { status: 'stopped', reason: now.reason };
        try {
          this.tip = await writeStudy(this.ctx, 'optimize', { ...now, paid: this.paid }, now.tip);
          return true;
        } catch (error) {
          if (!isCwfError(error, 'REF_STALE')) throw error;
        }
      }
    });
    this.telling = paying.then(
      () => {},
      () => {},
    );
    return paying;
  }

  /** The outcome of an earlier trial of the same workflow. */
  private reused({ source, part }: TrialPlan): (TrialOutcome & { readonly copies: number }) | undefined {
    const known = part === undefined ? knownOutcome(this.state, source.document) : undefined;
    if (!known) return undefined;
    const { number, copies = number } = known;
    return { ...outcomeOf(known), reason: `the same workflow as trial ${number}`, copies, runs: [] };
  }

  private ran(plan: TrialPlan, seat: Seat): Promise<TrialOutcome | undefined> {
    const { onRemark, onEvent, quit } = this.watch;
    return runTrial(this.ctx, this.opened, plan, seat, this.state, {
      onRemark: (text) => onRemark?.(text),
      onEvent: (event) => onEvent?.(plan.number, event),
      ...(quit ? { quit } : {}),
      ...(this.opened.definition.money ? { pay: () => this.pay(plan.number) } : {}),
    });
  }

  /** Writes how a trial ended, and takes it into the state. */
  private tell(
    plan: TrialPlan,
    { runs, ...outcome }: TrialOutcome & { readonly copies?: number },
    times: { readonly start: number; readonly expected?: number },
    runner: string | undefined,
  ): Promise<void> {
    const { number, params, part, answers } = plan;
    const telling = this.telling.then(async () => {
      if (this.fault) return;
      const others = this.state.open.filter((one) => one.number !== number);
      const before = part === undefined ? undefined : this.state.records.find((one) => one.number === number);
      const record: TrialRecord = {
        study: this.opened.definition.name,
        number,
        params,
        ...(part === undefined ? {} : { part }),
        ...(answers ? { answers } : {}),
        document: plan.source.document,
        ...outcome,
        runs: [...(before?.runs ?? []), ...runs.map(({ note }) => note.run)],
        ...(runs.length > 0 && runner !== undefined ? { runner } : {}),
        ...times,
        end: this.ctx.now() / 1000,
        open: others,
      };
      const commit = await this.write(plan, record, runs);
      // Not before: one that is open and does not run is begun again.
      this.running.delete(number);
      this.state = withRecord(this.state, record);
      this.commits.set(number, commit);
      this.watch.onDone?.(record, commit, this.state);
      this.afterTrial(record);
      this.wake();
    });
    // The next one waits for this one, and not for its failure.
    this.telling = telling.catch(() => {});
    return telling;
  }

  /** Ends the study where going on would be for nothing. */
  private afterTrial({ number, state, failure, reason = '' }: TrialRecord): void {
    const { name, file } = this.opened.definition;
    if (number === 0 && state === 'FAIL' && failure === 'invalid' && this.opened.point)
      throw new CwfError('STUDY_BASE_FAILS', { source: file, study: name, reason });
    this.trouble = failure === 'error' ? this.trouble + 1 : 0;
    if (this.trouble >= MOST_TROUBLE) throw new CwfError('STUDY_RUNNERS', { study: name, reason });
  }

  private async write(plan: TrialPlan, record: TrialRecord, runs: TrialOutcome['runs']): Promise<Oid> {
    const { ctx, opened } = this;
    const { name } = opened.definition;
    for (;;) {
      try {
        return await ctx.repo.transaction({ command: 'optimize', actor: ctx.actor }, async (tx) => {
          // A later part belongs to the commit of the first.
          const made = record.part === undefined ? undefined : this.commits.get(record.number);
          const commit = made ?? (await stageTrial(ctx, tx, opened, plan));
          await stageCatalog(ctx, tx);
          tx.setRef(trialRef(name, record.number), commit, made ?? null);
          // It stays where it is: only whoever it is claimed for tells of trials.
          tx.setRef(STUDY_REFS + name, this.tip, this.tip);
          for (const run of runs) stageRun(ctx, tx, commit, run);
          ctx.repo.notes(STUDY_NOTES).add(tx, commit, trialFact(record));
          return commit;
        });
      } catch (error) {
        if (!isCwfError(error, 'REF_STALE')) throw error;
        const now = await findStudy(ctx, name);
        const told = now.state.records.find(({ number }) => number === record.number);
        if (now.claim !== this.claim || (told && (told.part ?? 0) >= (record.part ?? 0)))
          throw new CwfError('STUDY_TAKEN', { study: name, trial: String(record.number) }, { cause: error });
        // Somebody asked it to stop: this trial is told all the same.
        this.tip = now.tip;
        if (now.status !== 'running') this.end = { status: 'stopped', reason: now.reason };
      }
    }
  }
}
