import { relative, resolve } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { thumbnailOf } from '../io/outputs/describe.ts';
import type { Oid } from '../io/repo/types.ts';
import { type ImportanceTarget, importanceTargets } from '../plan/optimize/plots/importance.ts';
import { drawStudyPage } from '../plan/optimize/plots/page.ts';
import { type Why, why } from '../plan/optimize/plots/why.ts';
import { bestTrials, type Results } from '../plan/optimize/results/best.ts';
import { type Difference, differencesOf } from '../plan/optimize/results/leaderboard.ts';
import type { Objective, StudyDefinition } from '../plan/optimize/study/definition.ts';
import { isByPreference } from '../plan/optimize/study/preference.ts';
import type { TrialRecord } from '../plan/optimize/study/record.ts';
import { historyOf } from '../plan/optimize/study/state.ts';
import { isWeighted } from '../plan/optimize/study/utility.ts';
import type { Context } from './context.ts';
import type { OptimizeOutput } from './optimize.ts';
import { openStudy } from './optimize-open.ts';
import { outputsOf } from './output-names.ts';
import { writeWhole } from './plain-files.ts';
import { readRuns } from './run-note.ts';
import { type StudyReport, type StudyStatus, statusOf, studyReport } from './study-report.ts';
import { findStudy, readStudies, type Study } from './study-store.ts';
import { plottedStudy } from './study-view.ts';
import { defineVerb } from './verb.ts';

/** One study of a list. */
export interface ListedStudy {
  readonly name: string;
  readonly file: string;
  readonly base: Oid;
  /** `running` only while its process lives; `interrupted` where it died. */
  readonly status: StudyStatus;
  readonly reason: string;
  readonly trials: number;
  readonly budget: number;
  readonly objectives: readonly Objective[];
  /** The best trial, of several objectives the first of the front. */
  readonly best?: { readonly trial: number; readonly values: readonly number[] };
  /** Seconds since 1970. */
  readonly created: number;
}

/** `cwf exp ls`: every study, the latest first. */
export const expLs = defineVerb<Record<string, never>, { readonly studies: readonly ListedStudy[] }>({
  name: 'exp ls',
  summary: 'List the studies',
  mutates: false,
  async run(ctx) {
    const studies = await Promise.all((await readStudies(ctx)).map((study) => listed(ctx, study)));
    return { studies: studies.sort((a, b) => b.created - a.created || (a.name < b.name ? -1 : 1)) };
  },
});

/** Which study. */
export interface ExpInput {
  readonly study: string;
}

/** `cwf exp show`: a study with its trials. Throws STUDY_NOT_FOUND, STUDY_CORRUPT, STUDY_BASE_GONE. */
export const expShow = defineVerb<ExpInput, StudyReport>({
  name: 'exp show',
  summary: 'Show a study: its trials, best first, and its front',
  mutates: false,
  run: async (ctx, { study }) => studyReport(ctx, await shownStudy(ctx, study)),
});

/** A study as it stands, with what its base says. Throws as `exp show`. */
export async function shownStudy(ctx: Context, name: string): Promise<OptimizeOutput> {
  return shown(ctx, await findStudy(ctx, name));
}

/** A trial by its name. */
export interface NamedTrial {
  readonly study: Study;
  readonly record: TrialRecord;
  readonly commit: Oid;
}

/** Two trials of one study beside each other. */
export interface ExpCompareOutput {
  readonly study: string;
  readonly objectives: readonly Objective[];
  readonly a: TrialRecord;
  readonly b: TrialRecord;
  readonly commits: readonly [Oid, Oid];
  readonly differences: readonly Difference[];
}

/** `cwf exp compare`: what differs between two trials, and what it did. Throws TRIAL_NOT_FOUND, STUDY_NOT_FOUND. */
export const expCompare = defineVerb<{ readonly a: string; readonly b: string }, ExpCompareOutput>({
  name: 'exp compare',
  summary: 'Compare two trials of a study',
  mutates: false,
  async run(ctx, input) {
    const a = await findTrial(ctx, input.a);
    const b = await findTrial(ctx, input.b, a.study.definition.name);
    const { definition } = a.study;
    if (b.study.definition.name !== definition.name)
      throw new CwfError('USAGE', { command: 'exp compare', reason: 'the trials are of two studies; see `cwf diff`' });
    const { space } = await openStudy(ctx, definition);
    const now = new Map(
      historyOf(definition, space, a.study.state).trials.map((trial) => [trial.number, trial.values]),
    );
    const valued = ({ values: _then, ...record }: TrialRecord): TrialRecord => {
      const values = now.get(record.number);
      return { ...record, ...(values ? { values } : {}) };
    };
    return {
      study: definition.name,
      objectives: definition.objectives,
      a: valued(a.record),
      b: valued(b.record),
      commits: [a.commit, b.commit],
      differences: differencesOf(space, a.record.params, b.record.params),
    };
  },
});

/** Why trials won, for each objective, and how much each parameter bears on it. */
export interface ExpExplainOutput {
  readonly study: string;
  readonly parts: readonly { readonly objective: string; readonly why?: Why }[];
  /** For each objective, of several for the front as well. */
  readonly importance: readonly ImportanceTarget[];
}

/** `cwf exp explain`: which changes made the best trial good. Throws as `exp show`. */
export const expExplain = defineVerb<ExpInput, ExpExplainOutput>({
  name: 'exp explain',
  summary: 'Explain which changes made the best trial of a study good',
  mutates: false,
  async run(ctx, { study }) {
    const out = await shown(ctx, await findStudy(ctx, study));
    const plotted = plottedStudy(out);
    const parts = plotted.objectives.map((objective, at) => {
      const found = why(plotted, at);
      return { objective, ...(found ? { why: found } : {}) };
    });
    return { study: out.definition.name, parts, importance: importanceTargets(plotted) };
  },
});

/** `cwf exp plot`: the plots of a study as one page that needs no network. Throws as `exp show`, STORAGE_FAILED. */
export const expPlot = defineVerb<
  ExpInput & { readonly out: string },
  { readonly written: string; readonly pictures: number }
>({
  name: 'exp plot',
  summary: 'Draw the plots of a study as a page',
  mutates: false,
  writes: true,
  async run(ctx, { study, out }) {
    const asShown = await shownStudy(ctx, study);
    const images = await thumbnails(ctx, asShown);
    const path = resolve(ctx.cwd, out);
    writeWhole(path, drawStudyPage(plottedStudy(asShown), images));
    return { written: relative(ctx.cwd, path), pictures: images.size };
  },
});

/** A study as it stands, with what its base says. */
async function shown(ctx: Context, study: Study): Promise<OptimizeOutput> {
  const opened = await openStudy(ctx, study.definition);
  return { ...opened, status: study.status, reason: study.reason, state: study.state, commits: study.commits };
}

/** The trial that `<study>/<number>` names, with `trial/` before it or not; a number alone is one of `inside`. Throws TRIAL_NOT_FOUND, STUDY_NOT_FOUND. */
export async function findTrial(ctx: Context, word: string, inside?: string): Promise<NamedTrial> {
  const text = word.replace(/^(refs\/cwf\/)?trial\//, '');
  const [, name = inside, number] = /^(?:(.+)\/)?(\d{1,9})$/.exec(text) ?? [];
  if (name === undefined || number === undefined) throw new CwfError('TRIAL_NOT_FOUND', { trial: word.slice(0, 200) });
  const study = await findStudy(ctx, name);
  const record = study.state.records.find((one) => one.number === Number(number));
  const commit = study.commits.get(Number(number));
  if (!record || commit === undefined) throw new CwfError('TRIAL_NOT_FOUND', { trial: `${name}/${number}` });
  return { study, record, commit };
}

async function listed(ctx: Context, { definition, status, reason, state }: Study): Promise<ListedStudy> {
  const { name, file, base, budget, objectives, created } = definition;
  const [best] = bestTrials(await historyNow(ctx, definition, state));
  const measured = state.records.find(({ number }) => number === best?.number);
  // What people prefer is not what stood there when the trial ended; of a utility its parts are told.
  const values = isByPreference(objectives) && !isWeighted(objectives) ? best?.values : measured?.values;
  return {
    name,
    file,
    base,
    status: await statusOf(ctx, { definition, status }),
    reason,
    trials: state.records.length,
    budget,
    objectives,
    ...(measured?.values && values ? { best: { trial: measured.number, values } } : {}),
    created,
  };
}

/** The trials as samplers see them; of a study that people judge only where its base is still there. */
async function historyNow(ctx: Context, definition: StudyDefinition, state: Study['state']): Promise<Results> {
  if (!isByPreference(definition.objectives)) return historyOf(definition, { parameters: [] }, state);
  try {
    return historyOf(definition, (await openStudy(ctx, definition)).space, state);
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return { directions: definition.objectives.map(({ direction }) => direction), trials: [] };
  }
}

/** The first picture of each trial, small, as a part of the page. */
async function thumbnails(ctx: Context, { state, commits }: OptimizeOutput): Promise<Map<number, string>> {
  const images = new Map<number, string>();
  const place = outputsOf(ctx);
  for (const { number, copies } of state.records) {
    const commit = commits.get(copies ?? number);
    const runs = commit === undefined ? [] : await readRuns(ctx, commit);
    const picture = runs.at(-1)?.outputs.find(({ type }) => type.startsWith('image/'));
    if (!picture) continue;
    // A picture that is not in the store any more, or cannot be read, is no reason for no page.
    const bytes = await thumbnailOf(place, picture.id).catch(() => undefined);
    if (bytes) images.set(number, `data:image/webp;base64,${bytes.toString('base64')}`);
  }
  return images;
}
