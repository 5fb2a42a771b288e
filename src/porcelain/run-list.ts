import { isObject, type Json } from '../base/json.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { readMessage } from './log.ts';
import { listRuns, type RunNote } from './run-note.ts';
import { defineVerb } from './verb.ts';

/** Which runs to list. */
export interface RunListInput {
  /** Only runs on this runner. */
  readonly on?: string;
  /** Only runs of this workflow. */
  readonly file?: string;
  /** Only runs that ended in another way than `finished`. */
  readonly unfinished?: boolean;
  /** Most runs; 50 by default. */
  readonly limit?: number;
  /** How many of the latest to leave out first. */
  readonly skip?: number;
}

/** A run of a list: its note without what only one that looks at it closely asks for, which `cwf note show` tells. */
export interface ListedRun
  extends Pick<
    RunNote,
    | 'run'
    | 'time'
    | 'actor'
    | 'runner'
    | 'kind'
    | 'file'
    | 'set'
    | 'seeds'
    | 'outputs'
    | 'error'
    | 'took'
    | 'ran'
    | 'warmth'
  > {
  readonly commit: Oid;
  /** Of the commit; empty where it is none, or not here. */
  readonly subject: string;
  /** Numbers of its outputs by their names, each the mean over the outputs. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** Runs, the latest first. */
export interface RunListOutput {
  readonly runs: readonly ListedRun[];
  /** How many there are that fit. */
  readonly total: number;
}

const USUAL = 50;

/** `cwf run ls`: the runs that are noted on any commit, the latest first. [RU-24] */
export const runLs = defineVerb<RunListInput, RunListOutput>({
  name: 'run ls',
  summary: 'List the runs of all commits, the latest first',
  mutates: false,
  async run(ctx, { on, file, unfinished = false, limit = USUAL, skip = 0 }) {
    const all: { readonly commit: Oid; readonly note: RunNote }[] = [];
    for await (const { oid, runs } of listRuns(ctx)) {
      for (const note of runs) {
        const fits =
          (on === undefined || note.runner === on) &&
          (file === undefined || note.file === file) &&
          (!unfinished || note.kind !== 'finished');
        if (fits) all.push({ commit: oid, note });
      }
    }
    all.sort((a, b) => b.note.time - a.note.time || (a.note.run < b.note.run ? -1 : 1));
    const commits = new Map<Oid, Promise<OfCommit>>();
    const of = (oid: Oid): Promise<OfCommit> => {
      const known = commits.get(oid) ?? ofCommit(ctx, oid);
      commits.set(oid, known);
      return known;
    };
    const runs = all.slice(skip, skip + limit).map(async ({ commit, note }) => listed(commit, note, await of(commit)));
    return { runs: await Promise.all(runs), total: all.length };
  },
});

/** What is known of the commit that a run is noted on. */
interface OfCommit {
  readonly subject: string;
  readonly numbers: readonly Json[];
}

async function ofCommit(ctx: Context, oid: Oid): Promise<OfCommit> {
  const object = await ctx.repo.readObject(oid).catch(() => undefined);
  const subject = object?.type === 'commit' ? readMessage((await ctx.repo.readCommit(oid)).message).subject : '';
  return { subject, numbers: await ctx.repo.notes('metrics').read(oid) };
}

function listed(commit: Oid, note: RunNote, of: OfCommit): ListedRun {
  const { run, time, actor, runner, kind, file, set, seeds, outputs, error, took, ran, warmth } = note;
  return {
    commit,
    subject: of.subject,
    ...{ run, time, actor, runner, kind, file, seeds, outputs, took },
    ...(set === undefined ? {} : { set }),
    ...(error === undefined ? {} : { error }),
    ...(ran === undefined ? {} : { ran }),
    ...(warmth === undefined ? {} : { warmth }),
    numbers: numbersOf(of.numbers, run),
  };
}

/** The means of the numbers that are noted of a run. */
function numbersOf(facts: readonly Json[], run: string): Record<string, number> {
  const values = new Map<string, number[]>();
  for (const fact of facts) {
    if (!isObject(fact) || fact.run !== run) continue;
    const { metric, value } = fact;
    if (typeof metric === 'string' && typeof value === 'number')
      values.set(metric, [...(values.get(metric) ?? []), value]);
  }
  const means = [...values].map(([name, all]) => [name, all.reduce((sum, one) => sum + one, 0) / all.length] as const);
  return Object.fromEntries(means.sort(([a], [b]) => (a < b ? -1 : 1)));
}
