import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { CwfError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkSpace, pointFault } from '../plan/optimize/domain/check.ts';
import { PRUNERS } from '../plan/optimize/pruners/index.ts';
import type { FidelityKind } from '../plan/optimize/sampler.ts';
import { SAMPLERS } from '../plan/optimize/samplers/index.ts';
import type { Params, ParamValue } from '../plan/optimize/space.ts';
import { spaceFileOf } from '../plan/optimize/space-file/space-file-of.ts';
import { decideSampler } from '../plan/optimize/study/ask.ts';
import {
  type Limit,
  STUDY_SCHEMA,
  type StudyDefinition,
  type StudyFile,
  studyNameProblem,
} from '../plan/optimize/study/definition.ts';
import { fixedValue, namedTunable } from '../plan/optimize/study/narrow.ts';
import type { Goal } from '../plan/optimize/tunables/goals.ts';
import { refuseHosted } from '../plan/optimize/tunables/hosted.ts';
import type { Context } from './context.ts';
import { decideFidelity } from './optimize-fidelity.ts';
import { type StudyWatch as LoopWatch, runStudy } from './optimize-loop.ts';
import {
  type ChosenObjectives,
  objectivesFor,
  readBytesText,
  readGoal,
  readLimit,
  readObjective,
  refuseUnmeasurable,
} from './optimize-objectives.ts';
import { type OpenedStudy, openStudy, searched } from './optimize-open.ts';
import { sourcesFor } from './optimize-sources.ts';
import { runSource } from './run-source.ts';
import type { OpenRunners } from './runners.ts';
import { tunablesOf } from './space.ts';
import { moneyOf, openHosts, studyRunners, underLock, withMoney } from './study-hosts.ts';
import { reportSteps, type StudyStep } from './study-progress.ts';
import { type StudyReport, studyReport } from './study-report.ts';
import type { StudyRunners } from './study-runners.ts';
import { findStudy, readStudies, type Study, writeStudy } from './study-store.ts';
import { defineVerb } from './verb.ts';
import { workflowAt } from './workflows.ts';

/** What to optimize, and how. */
export interface OptimizeInput extends ResumeOptions {
  /** A revision, `<rev>:<file>`, or a working file that is what HEAD has; HEAD by default. */
  readonly what?: string;
  /** The workflow of a revision that has several. */
  readonly file?: string;
  readonly goal?: Goal;
  /** Several goals, `quality` or with a weight `speed:2`: each is an objective where none is given. */
  readonly goals?: readonly string[];
  /** `name:max`, `name:min`; `name:max:2` with a weight: all are one utility then. */
  readonly objectives?: readonly string[];
  readonly space?: string;
  /** Addresses of inputs to search whatever they mean. */
  readonly also?: readonly string[];
  readonly only?: readonly string[];
  /** Values that are held, as texts. */
  readonly fix?: readonly { readonly name: string; readonly value: string }[];
  readonly budget: number;
  readonly minutes?: number;
  /** `8GB`: what a trial may use at most. */
  readonly vram?: string;
  /** `latency:10s`, `noise-sigma:<=0.3`. */
  readonly limits?: readonly string[];
  readonly sampler?: string;
  readonly pruner?: string;
  /** What a trial is given less of at first. */
  readonly fidelity?: FidelityKind;
  readonly repeats?: number;
  readonly seed?: number;
  readonly name?: string;
  /** Without what earlier studies know. */
  readonly cold?: boolean;
  readonly dryRun?: boolean;
}

/** What a study that goes on may be given. */
export interface ResumeOptions {
  /** Runners by name; all of `.cwfrc` by default, or the embedded engine. */
  readonly hosts?: readonly string[];
  /** The folder that pictures are loaded from. */
  readonly input?: string;
  /** What its hosted nodes may cost in all: without it they are not run. */
  readonly money?: number;
  /** What one run of them costs, in the same unit. */
  readonly costPerRun?: number;
}

/** How a study is watched. */
export interface StudyWatch extends LoopWatch {
  /** What is about to be run: before the first trial. */
  onReady?(study: StudyPlan): void;
  /** It is written down under this name, and its trials begin. */
  onBegun?(study: string): void;
}

/** Where the steps of a study go that runs for somebody at a door. */
interface Reporting {
  readonly report?: (step: StudyStep) => void;
}

/** A study that is about to run. */
export interface StudyPlan extends Pick<OpenedStudy, 'definition' | 'space' | 'point' | 'workflow'> {
  /** Why it is measured so. */
  readonly objectiveReason: string;
  readonly runners: readonly string[];
  /** The trials so far, of one that goes on. */
  readonly state: Study['state'];
}

/** A study after its trials; `planned` in a dry run, which wrote nothing. */
export interface OptimizeOutput extends Pick<OpenedStudy, 'definition' | 'space' | 'point'> {
  readonly status: 'planned' | StudyFile['status'];
  readonly reason: string;
  readonly state: Study['state'];
  readonly commits: Study['commits'];
}

/**
 * `cwf optimize`: begins a study of a committed workflow and runs its trials. Throws RUN_UNCOMMITTED, STUDY_EXISTS,
 * STUDY_NAME, STUDY_OBJECTIVE, STUDY_LIMIT, STUDY_FIDELITY, STUDY_PARAMETER, SPACE_NOTHING, SPACE_HOSTED, what `openRunners` and `runStudy` throw.
 */
export async function optimizeWorkflow(
  ctx: Context,
  input: OptimizeInput,
  watch: StudyWatch = {},
  open: () => Promise<OpenRunners> = () => openHosts(ctx, input.hosts),
): Promise<OptimizeOutput> {
  const { definition, opened, objectiveReason } = await defineStudy(ctx, input);
  const { runners, close } = await open();
  try {
    const names = runners.map(({ name }) => name);
    await refuseUnmeasurable(ctx, definition, names);
    const state = { records: [], open: [] };
    watch.onReady?.({ ...opened, objectiveReason, runners: names, state });
    if (input.dryRun) return { ...opened, status: 'planned', reason: '', state, commits: new Map() };
    const used = await studyRunners(ctx, opened, runners, watch);
    try {
      return await underLock(ctx, definition.name, () => carryOn(ctx, opened, undefined, used, watch));
    } finally {
      used.close();
    }
  } finally {
    await close();
  }
}

/** A study with how it was decided what to measure, on which runners. */
export interface OptimizeReport extends StudyReport {
  readonly objectiveReason: string;
  readonly runners: readonly string[];
}

/** The verb: as `optimizeWorkflow` with its steps told to `report`. Each trial is an operation of its own. */
export const optimize = defineVerb<OptimizeInput & Reporting, OptimizeReport>({
  name: 'optimize',
  summary: 'Search the parameters of a workflow for better ones',
  mutates: true,
  reports: true,
  async run(ctx, { report, ...input }) {
    let [objectiveReason, runners]: [string, readonly string[]] = ['', []];
    const steps = report && reportSteps(report);
    const out = await optimizeWorkflow(ctx, input, {
      ...steps,
      onReady: (plan) => {
        ({ objectiveReason, runners } = plan);
        steps?.onReady?.(plan);
      },
    });
    return { ...(await studyReport(ctx, out)), objectiveReason, runners };
  },
});

/** Which study goes on, and how. */
export interface ExpResumeInput extends ResumeOptions {
  readonly study: string;
  /** Trials in all from now on. */
  readonly budget?: number;
  readonly minutes?: number;
}

/**
 * `cwf exp resume`: goes on with a study where it ended, by its own definition. Throws STUDY_NOT_FOUND, STUDY_BUSY,
 * STUDY_BASE_GONE, SPACE_HOSTED, and what `runStudy` throws.
 */
export async function resumeStudy(
  ctx: Context,
  input: ExpResumeInput,
  watch: StudyWatch = {},
  open: () => Promise<OpenRunners> = () => openHosts(ctx, input.hosts),
): Promise<OptimizeOutput> {
  const { definition: found } = await findStudy(ctx, input.study);
  return underLock(ctx, found.name, async () => {
    const study = await findStudy(ctx, input.study);
    const { seconds: _seconds, ...rest } = study.definition;
    const definition: StudyDefinition = {
      ...withMoney('exp resume', rest, input),
      budget: input.budget ?? rest.budget,
      ...(input.minutes === undefined ? {} : { seconds: input.minutes * 60 }),
    };
    const opened = await openStudy(ctx, definition, input.input);
    refuseHosted(opened, definition.file, definition.money);
    const { runners, close } = await open();
    try {
      const names = runners.map(({ name }) => name);
      await refuseUnmeasurable(ctx, definition, names);
      watch.onReady?.({ ...opened, objectiveReason: '', runners: names, state: study.state });
      const used = await studyRunners(ctx, opened, runners, watch);
      try {
        return await carryOn(ctx, opened, study, used, watch);
      } finally {
        used.close();
      }
    } finally {
      await close();
    }
  });
}

/** The verb: as `resumeStudy` with its steps told to `report`. */
export const expResume = defineVerb<ExpResumeInput & Reporting, StudyReport>({
  name: 'exp resume',
  summary: 'Go on with a study where it ended',
  mutates: true,
  reports: true,
  run: async (ctx, { report, ...input }) =>
    studyReport(ctx, await resumeStudy(ctx, input, report && reportSteps(report))),
});

/** Claims a study, runs it, and writes how it ended. */
async function carryOn(
  ctx: Context,
  opened: OpenedStudy,
  before: Study | undefined,
  runners: StudyRunners,
  watch: StudyWatch,
): Promise<OptimizeOutput> {
  const { definition } = opened;
  const claim = randomUUID();
  const paid = before?.paid === undefined ? {} : { paid: before.paid };
  const running = { definition, status: 'running' as const, reason: '', claim, ...paid };
  const tip = await writeStudy(ctx, 'optimize', running, before?.tip ?? null);
  watch.onBegun?.(definition.name);
  const { state = { records: [], open: [] }, commits = new Map() } = before ?? {};
  const study: Study = { ...running, tip, state, commits };
  const end = await runStudy(ctx, opened, study, runners, watch);
  const { status, reason } = end;
  const spent = end.paid === undefined ? paid : { paid: end.paid };
  await writeStudy(ctx, 'optimize', { definition, status, reason, claim, ...spent }, end.tip);
  return { ...opened, status, reason, state: end.state, commits: end.commits };
}

/** Makes the definition of a study out of what was asked. */
async function defineStudy(
  ctx: Context,
  input: OptimizeInput,
): Promise<{ readonly definition: StudyDefinition; readonly opened: OpenedStudy; readonly objectiveReason: string }> {
  const { only, budget, minutes, repeats = 1, seed = 0 } = input;
  const goals = goalsOf(input);
  // One by itself is what the study is for, as far as others look at it.
  const goal = goals.length === 1 ? goals[0]!.goal : undefined;
  refuseUnknown('--sampler', input.sampler, SAMPLERS);
  refuseUnknown('--pruner', input.pruner, PRUNERS);
  if (budget < 1) throw usage('--budget: a study has one trial or more');
  const money = moneyOf('optimize', input.money, input.costPerRun);
  const { objectives, reason: objectiveReason } = await chosenObjectives(ctx, goals, input.objectives);
  const limits: Limit[] = (input.limits ?? []).map(readLimit);
  if (input.vram !== undefined) limits.push({ name: 'vram', most: readBytesText(input.vram) });
  const source = await runSource(ctx, input.what, input.file);
  const { file, commit: base } = source;
  if (base === undefined) throw new CwfError('RUN_UNCOMMITTED', { file });
  const workflow = await workflowAt(ctx, base, file);
  const asked = {
    file,
    also: input.also ?? [],
    goal: goals.map((one) => one.goal),
    ...(input.space ? { space: input.space } : {}),
  };
  const found = await tunablesOf(workflow, ctx.catalog, asked, ctx.cwd);
  const { tunables, models } = found;
  if (tunables.length === 0) throw new CwfError('SPACE_NOTHING', { source: file });
  refuseHosted(found, file, { ...present('most', input.money), ...present('perRun', input.costPerRun) });
  for (const name of only ?? []) namedTunable(tunables, name);
  const fixed: Record<string, ParamValue> = {};
  for (const { name, value } of input.fix ?? []) fixed[name] = fixedValue(tunables, name, value);
  const { space, point } = searched(tunables, only, fixed as Params);
  checkSpace(space);
  if (point !== undefined && pointFault(space, point) !== undefined)
    throw new CwfError('STUDY_PARAMETER', { parameter: 'of the base', reason: pointFault(space, point)! });
  const { pruner, fidelity } = decideFidelity({
    ...present('asked', input.fidelity),
    ...present('pruner', input.pruner),
    repeats,
    objectives,
    file,
    workflow,
    catalog: ctx.catalog,
    tunables,
    fixed: fixed as Params,
    searched: new Set(space.parameters.map(({ name }) => name)),
  });
  const family = models.flatMap(({ detected }) => detected?.family.id ?? [])[0];
  const about = { objectives, space, ...(family ? { family } : {}) };
  const isGp = input.sampler === undefined || input.sampler === 'gp';
  const isLadder = fidelity !== undefined && fidelity.kind !== 'images';
  const sources = input.cold || !isGp || isLadder ? [] : sourcesFor(await readStudies(ctx), about);
  const sampler = decideSampler(input.sampler, { space, budget, sources: sources.length });
  const definition: StudyDefinition = {
    schema: STUDY_SCHEMA,
    name: await freeName(ctx, input.name, file),
    file,
    base,
    document: source.document,
    space: spaceFileOf(tunables, workflow, file) as JsonObject,
    ...(only ? { only } : {}),
    fixed: fixed as Params,
    ...(goal ? { goal } : {}),
    ...(family ? { family } : {}),
    objectives,
    limits,
    sampler: sampler.name,
    samplerReason: sampler.reason,
    repeats,
    ...(pruner ? { pruner } : {}),
    ...(fidelity ? { fidelity } : {}),
    ...(found.hosted.length > 0 ? money : {}),
    seed,
    budget,
    ...(minutes === undefined ? {} : { seconds: minutes * 60 }),
    sources: sampler.name === 'gp' ? sources : [],
    created: Math.floor(ctx.now() / 1000),
  };
  // Read back as `resume` will read it: what cannot be read again is no study.
  return { definition, opened: await openStudy(ctx, definition, input.input), objectiveReason };
}

function goalsOf({ goal, goals = [] }: OptimizeInput): ReturnType<typeof readGoal>[] {
  const all = [...(goal === undefined ? [] : [goal]), ...goals].map(readGoal);
  if (new Set(all.map((one) => one.goal)).size < all.length) throw usage('--for names a goal twice');
  return all;
}

async function chosenObjectives(
  ctx: Context,
  goals: ReturnType<typeof goalsOf>,
  objectives: OptimizeInput['objectives'] = [],
): Promise<ChosenObjectives> {
  if (objectives.length > 0) {
    const read = objectives.map(readObjective);
    const twice = read.find(({ name }, at) => read.findIndex((one) => one.name === name) !== at);
    if (twice) throw new CwfError('STUDY_OBJECTIVE', { objective: twice.name, reason: 'it is named twice' });
    return { objectives: read, reason: 'as asked' };
  }
  if (goals.length === 0) throw usage('say what is good: --for quality, speed or vram, or --objective <name>:max');
  const chosen: ChosenObjectives[] = [];
  for (const { goal, weight } of goals) {
    const { objectives: own, reason } = await objectivesFor(ctx, goal);
    chosen.push({ objectives: own.map((each) => ({ ...each, ...present('weight', weight) })), reason });
  }
  return { objectives: chosen.flatMap((one) => one.objectives), reason: chosen.map(({ reason }) => reason).join('; ') };
}

/** The name that was asked for, or `<file>-<n>`. Throws STUDY_NAME, STUDY_EXISTS. */
async function freeName(ctx: Context, asked: string | undefined, file: string): Promise<string> {
  const taken = new Set((await readStudies(ctx)).map(({ definition }) => definition.name));
  if (asked !== undefined) {
    const reason = studyNameProblem(asked);
    if (reason !== undefined) throw new CwfError('STUDY_NAME', { study: asked, reason });
    if (taken.has(asked)) throw new CwfError('STUDY_EXISTS', { study: asked });
    return asked;
  }
  const stem = basename(file, '.json')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  for (let n = 1; ; n++) if (!taken.has(`${stem || 'study'}-${n}`)) return `${stem || 'study'}-${n}`;
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}

function refuseUnknown(flag: string, name: string | undefined, table: Readonly<Record<string, unknown>>): void {
  if (name === undefined || Object.hasOwn(table, name)) return;
  throw usage(`${flag}: no ${name}; there are: ${Object.keys(table).join(', ')}`);
}

function usage(reason: string): CwfError {
  return new CwfError('USAGE', { command: 'optimize', reason });
}
