import { join } from 'node:path';
import { lockState } from '../io/repo/locks.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Difference, differencesOf, leaderboard } from '../plan/optimize/results/leaderboard.ts';
import { bestSoFar, hypervolumeSoFar, type Step } from '../plan/optimize/results/progress.ts';
import type { Parameter, Params } from '../plan/optimize/space.ts';
import type { Limit, Objective, StudyDefinition } from '../plan/optimize/study/definition.ts';
import type { OpenTrial, TrialRecord } from '../plan/optimize/study/record.ts';
import type { Context } from './context.ts';
import type { OptimizeOutput } from './optimize.ts';
import { type RunNote, readRuns } from './run-note.ts';
import type { Study } from './study-store.ts';
import { type ConfirmedReport, plottedStudy, studyOutline } from './study-view.ts';

/** How a study stands; `running` only while its process lives, `interrupted` where it died. */
export type StudyStatus = OptimizeOutput['status'] | 'interrupted';

/** A picture that a trial made. */
export interface TrialPicture {
  /** SHA-256 of its bytes: `GET /api/outputs/<id>`. */
  readonly id: string;
  /** The run that made it, from 0: the same number has the same seed in every trial. */
  readonly run: number;
  /** The first seed of that run, as a text: seeds are larger than a number can hold. */
  readonly seed?: string;
  readonly width?: number;
  readonly height?: number;
}

/** A trial with what came of it. */
export interface ReportedTrial extends Omit<TrialRecord, 'study' | 'open'> {
  readonly commit?: Oid;
  /** Its place; measured trials have one, with `best`, `scores` and `violation`. */
  readonly rank?: number;
  /** Whether nothing feasible is better. */
  readonly best?: boolean;
  /** What it is ranked by, one number for each of `ranked`. */
  readonly scores?: readonly number[];
  /** Sum of the violated limits; 0 is feasible. */
  readonly violation?: number;
  /** What differs from the base; all parameters where the space leaves that out. */
  readonly differences: readonly Difference[];
  readonly pictures: readonly TrialPicture[];
}

/** A study as it stands, with all that charts, tables and pages of it are made of. */
export interface StudyReport {
  readonly study: string;
  readonly status: StudyStatus;
  readonly reason: string;
  readonly file: string;
  readonly base: Oid;
  /** Seconds since 1970. */
  readonly created: number;
  readonly objectives: readonly Objective[];
  readonly limits: readonly Limit[];
  readonly parameters: readonly Parameter[];
  /** Where the base stands; absent where the space leaves it out. */
  readonly point?: Params;
  readonly fixed: Params;
  readonly sampler: string;
  readonly samplerReason: string;
  /** Earlier studies that it knows. */
  readonly sources: readonly string[];
  readonly seed: number;
  readonly budget: number;
  /** Seconds that it may take each time it is run. */
  readonly seconds?: number;
  readonly repeats: number;
  readonly pruner?: string;
  /** What trials are ranked by: the objectives, or what they are weighed together to. */
  readonly ranked: readonly Objective[];
  /** The best so far after each measured trial, for each of `ranked`. */
  readonly progress: readonly (readonly Step[])[];
  /** The hypervolume of the front after each measured trial, of more than one of `ranked`. */
  readonly volume?: readonly Step[];
  /** The trial to take; absent while there is none. */
  readonly recommended?: number;
  /** What seeds say that the study did not have; absent where none was run. */
  readonly confirmed?: ConfirmedReport;
  /** Trials that were asked for and have not ended, as far as notes tell. */
  readonly open: readonly OpenTrial[];
  /** Best first, then those without a value by number. */
  readonly trials: readonly ReportedTrial[];
}

/** Reports a study with the pictures of its trials. */
export async function studyReport(ctx: Context, out: OptimizeOutput): Promise<StudyReport> {
  const { definition, state, point } = out;
  const { created, fixed, seconds, repeats, pruner } = definition;
  const plotted = plottedStudy(out);
  const rows = new Map(leaderboard(plotted, point).map((row) => [row.trial.number, row]));
  const pictures = await picturesOf(ctx, out);
  const outline = studyOutline(out) as unknown as Omit<StudyReport, 'trials'> & { trials: ReportedTrial[] };
  const trials = outline.trials.map((trial): ReportedTrial => {
    const row = rows.get(trial.number);
    return {
      ...trial,
      ...(row && { scores: row.values, violation: row.violation }),
      differences: differencesOf(out.space, point ?? {}, trial.params),
      pictures: pictures.get(trial.copies ?? trial.number) ?? [],
    };
  });
  return {
    ...outline,
    status: await statusOf(ctx, out),
    created,
    ...(point ? { point } : {}),
    fixed,
    ...(seconds === undefined ? {} : { seconds }),
    repeats,
    ...(pruner === undefined ? {} : { pruner }),
    ranked: plotted.directions.map((direction, at) => ({ name: plotted.objectives[at]!, direction })),
    progress: plotted.directions.map((_, at) => bestSoFar(plotted, at)),
    ...(plotted.directions.length > 1 ? { volume: hypervolumeSoFar(plotted, plotted.reference) } : {}),
    open: state.open,
    trials,
  };
}

/** How a study stands: one that says it runs and whose process is gone was interrupted. */
export async function statusOf(
  ctx: Context,
  { definition, status }: { readonly definition: StudyDefinition; readonly status: StudyStatus },
): Promise<StudyStatus> {
  if (status !== 'running') return status;
  const lock = join(ctx.repo.cwfDir, `study-${definition.name}.lock`);
  return (await lockState(lock)) === 'alive' ? 'running' : 'interrupted';
}

/** The pictures of the trials that were run, by their numbers. */
async function picturesOf(
  ctx: Context,
  { state, commits }: Pick<Study, 'state' | 'commits'>,
): Promise<ReadonlyMap<number, readonly TrialPicture[]>> {
  const pictures = new Map<number, readonly TrialPicture[]>();
  for (const { number, runs, copies } of state.records) {
    const commit = commits.get(number);
    if (commit === undefined || copies !== undefined) continue;
    const notes = new Map((await readRuns(ctx, commit)).map((note) => [note.run, note]));
    pictures.set(
      number,
      runs.flatMap((id, run) => picturesOfRun(notes.get(id), run)),
    );
  }
  return pictures;
}

function picturesOfRun(note: RunNote | undefined, run: number): TrialPicture[] {
  if (!note) return [];
  const [seed] = note.seeds;
  return note.outputs
    .filter(({ type }) => type.startsWith('image/'))
    .map(({ id, width, height }) => ({
      id,
      run,
      ...(seed === undefined ? {} : { seed: String(seed.value) }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
    }));
}
