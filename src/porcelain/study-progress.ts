import type { Oid } from '../io/repo/types.ts';
import { type LeaderboardRow, leaderboard } from '../plan/optimize/results/leaderboard.ts';
import type { Objective } from '../plan/optimize/study/definition.ts';
import type { TrialRecord } from '../plan/optimize/study/record.ts';
import type { StudyState } from '../plan/optimize/study/state.ts';
import type { Context } from './context.ts';
import type { OptimizeOutput, StudyPlan, StudyWatch } from './optimize.ts';
import { openStudy } from './optimize-open.ts';
import { statusOf } from './study-report.ts';
import { findStudy, type Study } from './study-store.ts';
import { plottedStudy } from './study-view.ts';

/** One step of a study that runs, as callers at a door are told. */
export type StudyStep =
  /** It is written down, and its trials begin. */
  | { readonly kind: 'begun'; readonly study: string; readonly runners: readonly string[] }
  | { readonly kind: 'trial'; readonly trial: number; readonly runner: string }
  | { readonly kind: 'node'; readonly trial: number; readonly node: string }
  | {
      readonly kind: 'progress';
      readonly trial: number;
      readonly node: string;
      readonly value: number;
      readonly max: number;
    }
  | { readonly kind: 'done'; readonly record: TrialRecord; readonly commit: Oid }
  | { readonly kind: 'remark'; readonly text: string };

/** Tells of a study as steps: pictures on the way are left out. */
export function reportSteps(report: (step: StudyStep) => void): StudyWatch {
  let runners: readonly string[] = [];
  return {
    onReady(plan: StudyPlan) {
      runners = plan.runners;
    },
    onBegun: (study) => report({ kind: 'begun', study, runners }),
    onTrial: ({ number }, runner) => report({ kind: 'trial', trial: number, runner }),
    onEvent: (trial, event) => {
      if (event.kind === 'node') report({ kind: 'node', trial, node: event.node });
      if (event.kind === 'progress') {
        const { node, value, max } = event;
        report({ kind: 'progress', trial, node, value, max });
      }
    },
    onDone: (record, commit) => report({ kind: 'done', record, commit }),
    onRemark: (text) => report({ kind: 'remark', text }),
  };
}

/** One trial of the leaderboard; `values` are those it is judged by. */
export interface BoardRow extends Omit<LeaderboardRow, 'trial'> {
  readonly trial: number;
}

/** How a study stands. */
export interface StudyProgress {
  readonly study: string;
  /** `interrupted` where its process died. */
  readonly status: Study['status'] | 'interrupted';
  readonly reason: string;
  readonly objectives: readonly Objective[];
  /** Trials that ended, and trials in all. */
  readonly trials: number;
  readonly budget: number;
  /** Best first, the first 50. */
  readonly leaderboard: readonly BoardRow[];
  /** Numbers of the best so far; of several objectives all that nothing beats in every one. */
  readonly front: readonly number[];
}

/** Rows of a leaderboard in one answer. */
const ROWS = 50;

/**
 * How a study stands by the repository, whoever runs it, with the records of its trials in the order they ended in.
 * Throws STUDY_NOT_FOUND, STUDY_CORRUPT, STUDY_BASE_GONE.
 */
export async function studyProgress(
  ctx: Context,
  name: string,
): Promise<{
  readonly progress: StudyProgress;
  readonly records: readonly TrialRecord[];
  readonly commits: Study['commits'];
}> {
  const study = await findStudy(ctx, name);
  const opened = await openStudy(ctx, study.definition);
  return {
    progress: await progressOf(ctx, { ...opened, ...study }),
    records: inOrder(study.state),
    commits: study.commits,
  };
}

async function progressOf(ctx: Context, out: OptimizeOutput): Promise<StudyProgress> {
  const { definition, state, reason } = out;
  const { name, objectives, budget } = definition;
  const board = leaderboard(plottedStudy(out), out.point).map((row) => ({ ...row, trial: row.trial.number }));
  return {
    study: name,
    status: (await statusOf(ctx, out)) as StudyProgress['status'],
    reason,
    objectives,
    trials: state.records.length,
    budget,
    leaderboard: board.slice(0, ROWS),
    front: board.filter(({ isBest }) => isBest).map(({ trial }) => trial),
  };
}

function inOrder({ records }: StudyState): TrialRecord[] {
  return [...records].sort((a, b) => a.end - b.end || a.number - b.number);
}
