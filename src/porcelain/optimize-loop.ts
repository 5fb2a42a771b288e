import { CwfError, isCwfError } from '../base/errors.ts';
import { trialRef } from '../io/repo/revision.ts';
import type { Oid } from '../io/repo/types.ts';
import type { RunEvent } from '../io/runner/runner.ts';
import { domainOf, triedKeys } from '../plan/optimize/domain/domain.ts';
import { expectedGain } from '../plan/optimize/gp/sampler.ts';
import { decideStop } from '../plan/optimize/results/stop.ts';
import type { Sampler } from '../plan/optimize/sampler.ts';
import { ask, samplerOf } from '../plan/optimize/study/ask.ts';
import { isByPreference, newAnswers, waitingTrials } from '../plan/optimize/study/preference.ts';
import { type OpenTrial, type TrialRecord, trialFact } from '../plan/optimize/study/record.ts';
import {
  historyOf,
  knownOutcome,
  nextNumber,
  type StudyState,
  withOpen,
  withRecord,
} from '../plan/optimize/study/state.ts';
import { stageCatalog } from './catalog-store.ts';
import type { Context } from './context.ts';
import type { OpenedStudy } from './optimize-open.ts';
import { planTrial, runTrial, stageTrial, type TrialOutcome, type TrialPlan } from './optimize-trial.ts';
import { stageRun } from './run-document.ts';
import type { KnownRunner } from './run-runners.ts';
import { answersAmong, untilMore } from './study-answers.ts';
import { findStudy, STUDY_NOTES, STUDY_REFS, type Study } from './study-store.ts';

/** How a running study is watched and ended by who asked for it. */
export interface StudyWatch {
  /** Ends the study after the trials that run. */
  readonly signal?: AbortSignal;
  onTrial?(trial: OpenTrial, runner: string): void;
  onEvent?(trial: number, event: RunEvent): void;
  onDone?(record: TrialRecord, commit: Oid, state: StudyState): void;
  onRemark?(text: string): void;
  /** So many trials wait to be looked at, and no more are begun before that; told again when the number changes. */
  onWait?(trials: number): void;
  /** Comes back after a while, or sooner: then it is looked whether anybody chose. A second by default. */
  pause?(signal?: AbortSignal): Promise<void>;
}

/** Why a study goes no further now. */
export interface StudyEnd {
  readonly status: 'stopped' | 'finished';
  readonly reason: string;
  readonly state: StudyState;
  readonly tip: Oid;
  readonly commits: ReadonlyMap<number, Oid>;
}

/** Trials in a row that the world made fail: then it is left alone. */
const MOST_TROUBLE = 3;
/** So many trials that nobody has looked at are enough (`n_generate` of optuna-dashboard): then it waits for choices. */
const MOST_UNSEEN = 5;
/** From so many trials on it is asked what another one may gain: `decideStop` looks at three of them from 20 on. */
const LOOKED_AT = 17;

/**
 * Runs the trials of a study over runners, one on each at a time, until its budget is spent, nothing more is to be
 * expected, or somebody ends it. Each trial that ends is one operation: its commit, its runs, its numbers and how it
 * ended. Throws STUDY_TAKEN where another process has it now, STUDY_BASE_FAILS, STUDY_RUNNERS, and what `runTrial` throws.
 */
export async function runStudy(
  ctx: Context,
  opened: OpenedStudy,
  study: Study,
  runners: readonly KnownRunner[],
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
  /** Numbers that run here. */
  private readonly running = new Set<number>();
  private readonly claim: string;
  private state: StudyState;
  private tip: Oid;
  private end: Pick<StudyEnd, 'status' | 'reason'> | undefined;
  private fault: { readonly error: unknown } | undefined;
  private trouble = 0;
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
  }

  async run(runners: readonly KnownRunner[]): Promise<StudyEnd> {
    await Promise.all(runners.map((one) => this.work(one)));
    await this.telling;
    if (this.fault) throw this.fault.error;
    const { status, reason } = this.end ?? { status: 'stopped' as const, reason: 'no runner is left' };
    return { status, reason, state: this.state, tip: this.tip, commits: this.commits };
  }

  /** One runner at work. */
  private async work(known: KnownRunner): Promise<void> {
    try {
      for (let next = await this.nextOrWait(); next; next = await this.nextOrWait()) {
        const { open, expected } = next;
        this.watch.onTrial?.(open, known.runner.name);
        const start = this.ctx.now() / 1000;
        const plan = await planTrial(this.ctx, this.opened, open);
        const outcome = this.reused(plan) ?? (await this.ran(plan, known));
        await this.tell(plan, outcome, { start, ...(expected === undefined ? {} : { expected }) }, known.runner.name);
      }
    } catch (error) {
      this.fault ??= { error };
    }
  }

  /** As `next`, with all that people chose until now; waits for them where too many trials were not looked at. [ST-25] */
  private async nextOrWait(): Promise<ReturnType<Coordinator['next']>> {
    const { definition } = this.opened;
    if (!isByPreference(definition.objectives)) return this.next();
    for (;;) {
      const answers = await answersAmong(this.ctx, this.commits);
      this.state = { ...this.state, answers };
      const unseen = waitingTrials(this.state).length;
      const isEnough = unseen >= MOST_UNSEEN && nextNumber(this.state) < definition.budget;
      const isBegun = this.state.open.some(({ number }) => !this.running.has(number));
      if (!isEnough || isBegun || this.isOver()) return this.next();
      if (unseen !== this.told) this.watch.onWait?.(unseen);
      this.told = unseen;
      await (this.watch.pause ?? untilMore)(this.watch.signal);
      await this.heed();
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

  /** The next trial, or undefined where none is to be begun: what was begun before first, then a new point. */
  private next(): { readonly open: OpenTrial; readonly expected?: number } | undefined {
    if (this.isOver()) return undefined;
    const left = this.state.open.find(({ number }) => !this.running.has(number));
    if (left) {
      this.running.add(left.number);
      return { open: left };
    }
    const { definition, space, point } = this.opened;
    const number = nextNumber(this.state);
    if (number >= definition.budget) {
      if (this.running.size === 0)
        this.end = { status: 'finished', reason: `all ${definition.budget} trials were made` };
      return undefined;
    }
    const history = historyOf(definition, space, this.state);
    const params = ask(definition, history, number, point, this.sampler);
    // A grid that is done begins anew; a study of one is over.
    const domain = domainOf(space);
    if (this.sampler.name === 'grid' && triedKeys(domain, history.trials).has(domain.keyOf(params))) {
      if (this.running.size === 0) this.end = { status: 'finished', reason: 'every point of the grid was tried' };
      return undefined;
    }
    // What a choice may gain is in no unit that a study could stop by.
    const isAsked =
      definition.sampler === 'gp' && this.state.records.length >= LOOKED_AT && !isByPreference(definition.objectives);
    const expected = isAsked ? expectedGain(history, params) : undefined;
    const answers = newAnswers(this.state);
    const open = { number, params, ...(answers.length > 0 ? { answers } : {}) };
    this.state = withOpen(this.state, open);
    this.running.add(number);
    return { open, ...(expected === undefined ? {} : { expected }) };
  }

  private isOver(): boolean {
    if (this.fault || this.end) return true;
    const { definition, space } = this.opened;
    if (this.watch.signal?.aborted) this.end = { status: 'stopped', reason: 'it was interrupted' };
    else if (definition.seconds !== undefined && this.ctx.now() - this.startedAt >= definition.seconds * 1000)
      this.end = { status: 'stopped', reason: `its ${definition.seconds / 60} minutes are over` };
    else {
      const expected = this.state.records.flatMap((record) => record.expected ?? []);
      // Who asks for a whole grid means all of it.
      const patience = definition.sampler === 'grid' ? { patience: Number.POSITIVE_INFINITY } : {};
      const decision = decideStop(historyOf(definition, space, this.state), { expected, ...patience });
      // What runs may still change that.
      if (decision.stop && this.running.size === 0) this.end = { status: 'finished', reason: decision.reason };
    }
    return this.end !== undefined;
  }

  /** The outcome of an earlier trial of the same workflow. */
  private reused({ source }: TrialPlan): (TrialOutcome & { readonly copies: number }) | undefined {
    const known = knownOutcome(this.state, source.document);
    if (!known) return undefined;
    const { state, values, constraints, failure, intermediate, number } = known;
    return {
      state,
      ...(values ? { values } : {}),
      ...(constraints ? { constraints } : {}),
      ...(failure ? { failure } : {}),
      ...(intermediate ? { intermediate } : {}),
      reason: `the same workflow as trial ${number}`,
      copies: known.copies ?? number,
      runs: [],
    };
  }

  private ran(plan: TrialPlan, known: KnownRunner): Promise<TrialOutcome> {
    const { onRemark, onEvent } = this.watch;
    return runTrial(this.ctx, this.opened, plan, known, this.state, {
      onRemark: (text) => onRemark?.(text),
      onEvent: (event) => onEvent?.(plan.number, event),
    });
  }

  /** Writes how a trial ended, and takes it into the state. */
  private tell(
    plan: TrialPlan,
    { runs, ...outcome }: TrialOutcome & { readonly copies?: number },
    times: { readonly start: number; readonly expected?: number },
    runner: string,
  ): Promise<void> {
    const { number, params, answers } = plan;
    const telling = this.telling.then(async () => {
      if (this.fault) return;
      this.running.delete(number);
      const others = this.state.open.filter((one) => one.number !== number);
      const record: TrialRecord = {
        study: this.opened.definition.name,
        number,
        params,
        ...(answers ? { answers } : {}),
        document: plan.source.document,
        ...outcome,
        runs: runs.map(({ note }) => note.run),
        ...(runs.length > 0 ? { runner } : {}),
        ...times,
        end: this.ctx.now() / 1000,
        open: others,
      };
      const commit = await this.write(plan, record, runs);
      this.state = withRecord(this.state, record);
      this.commits.set(number, commit);
      this.watch.onDone?.(record, commit, this.state);
      this.afterTrial(record);
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
          const commit = await stageTrial(ctx, tx, opened, plan);
          await stageCatalog(ctx, tx);
          tx.setRef(trialRef(name, record.number), commit, null);
          // It stays where it is: only whoever it is claimed for tells of trials.
          tx.setRef(STUDY_REFS + name, this.tip, this.tip);
          for (const run of runs) stageRun(ctx, tx, commit, run);
          ctx.repo.notes(STUDY_NOTES).add(tx, commit, trialFact(record));
          return commit;
        });
      } catch (error) {
        if (!isCwfError(error, 'REF_STALE')) throw error;
        const now = await findStudy(ctx, name);
        if (now.claim !== this.claim || now.commits.has(record.number))
          throw new CwfError('STUDY_TAKEN', { study: name, trial: String(record.number) }, { cause: error });
        // Somebody asked it to stop: this trial is told all the same.
        this.tip = now.tip;
        if (now.status !== 'running') this.end = { status: 'stopped', reason: now.reason };
      }
    }
  }
}
