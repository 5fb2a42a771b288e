import { CwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { parseTrailers, trailerValue } from '../io/repo/trailers.ts';
import type { Commit, Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { orHint } from './mistaken.ts';
import { repoPath } from './paths.ts';
import type { FileStat } from './stat.ts';
import { defineVerb } from './verb.ts';

/** Which commits to list, and what to tell of each. */
export interface LogInput {
  /** A revision, `a..b` (in b but not in a), or nothing for HEAD. */
  readonly range?: string;
  /** From every branch, tag and remote branch, instead of HEAD. */
  readonly all?: boolean;
  /** Goes on where another log of the same commits ended: its `next`. */
  readonly from?: readonly Oid[];
  /** Only commits that changed this node, or this input of it: `3`, `portrait.steps`, in any workflow of `files`. */
  readonly input?: string;
  /** Only commits that changed one of these files or folders. */
  readonly files?: readonly string[];
  readonly limit?: number;
  /** Leaves out so many of the commits first, to read on where another log ended. */
  readonly skip?: number;
  /** Part of author's or committer's name or address, without regard to case. */
  readonly author?: string;
  /** An actor, or its first part: `agent` finds `agent/tuner`. */
  readonly actor?: string;
  /** Part of the message, without regard to case. */
  readonly grep?: string;
  /** Names of metrics to show. */
  readonly metrics?: readonly string[];
  /** By the first of the metrics instead of by time: every commit it was noted on, on whatever branch. */
  readonly sort?: 'asc' | 'desc';
  readonly stat?: boolean;
}

/** One commit of a log. Times are seconds since 1970; offsets minutes east of UTC. */
export interface LogEntry {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly subject: string;
  readonly author: {
    readonly name: string;
    readonly email: string;
    readonly timestamp: number;
    readonly offset: number;
  };
  /** Absent in commits of plain git. */
  readonly op?: string;
  readonly actor?: string;
  /** Branches and tags that stand here; the branch HEAD is on comes first as `HEAD -> main`. */
  readonly refs: readonly string[];
  /** The latest value of each wanted metric that was noted. */
  readonly metrics?: Readonly<Record<string, number>>;
  readonly stat?: readonly FileStat[];
}

/** The commits, newest first. */
export interface LogOutput {
  readonly commits: readonly LogEntry[];
  /** Where it goes on, where `limit` ended it; what is committed meanwhile changes nothing of that. */
  readonly next?: readonly Oid[];
}

/** `cwf log`: reads commit objects, and notes, trees and documents only when they are asked for. */
export const log = defineVerb<LogInput, LogOutput>({
  name: 'log',
  summary: 'List commits, newest first',
  mutates: false,
  async run(ctx, input) {
    if (input.sort !== undefined) return { commits: await ranked(ctx, input, input.sort) };
    const { starts, until } = await startsOf(ctx, input);
    const commits: LogEntry[] = [];
    const limit = input.limit ?? Number.POSITIVE_INFINITY;
    let left = input.skip ?? 0;
    const paths = (input.files ?? []).map((file) => repoPath(ctx, file)).filter((path) => path !== '');
    const names = await refNames(ctx);
    /** Reached, and not looked at yet. */
    const ahead = new Set(starts);
    const seen = new Set<Oid>();
    for await (const commit of ctx.repo.walk(starts, until === undefined ? {} : { until: [until] })) {
      if (commits.length >= limit) return { commits, next: [...ahead] };
      ahead.delete(commit.oid);
      seen.add(commit.oid);
      for (const parent of commit.parents) if (!seen.has(parent)) ahead.add(parent);
      if (!matches(commit, input)) continue;
      if (paths.length > 0 && !(await touches(ctx, commit, paths))) continue;
      if (
        input.input !== undefined &&
        !(await (await import('./log-input.ts')).changesInput(ctx, commit, input.input, paths))
      )
        continue;
      if (left-- > 0) continue;
      commits.push(await entryOf(ctx, commit, input, names));
    }
    return { commits };
  },
});

/** Commits by the number last noted on them, from the index; equal numbers newest first. */
async function ranked(ctx: Context, input: LogInput, sort: 'asc' | 'desc'): Promise<LogEntry[]> {
  const [metric] = input.metrics ?? [];
  if (metric === undefined)
    throw new CwfError('USAGE', { command: 'log', reason: '--sort needs a --metric to sort by' });
  if (input.range)
    throw new CwfError('USAGE', { command: 'log', reason: '--sort looks at every branch: leave out the range' });
  const paths = (input.files ?? []).map((file) => repoPath(ctx, file)).filter((path) => path !== '');
  const names = await refNames(ctx);
  const found = new Map<Oid, LogEntry>();
  await ctx.repo.withIndex(async (index) => {
    for await (const { oid } of index.commitsWithMetric(metric)) {
      // Each number of a commit has a row of its own, and the last counts.
      if (found.has(oid)) continue;
      const commit = await ctx.repo.readCommit(oid);
      if (!matches(commit, input) || (paths.length > 0 && !(await touches(ctx, commit, paths)))) continue;
      const entry = await entryOf(ctx, commit, input, names);
      if (entry.metrics?.[metric] !== undefined) found.set(oid, entry);
    }
  });
  const sign = sort === 'asc' ? 1 : -1;
  const order = (a: LogEntry, b: LogEntry): number =>
    sign * (a.metrics![metric]! - b.metrics![metric]!) || b.author.timestamp - a.author.timestamp;
  const { skip = 0, limit = found.size } = input;
  return [...found.values()].sort(order).slice(skip, skip + limit);
}

/** What a commit message says about itself, without the trailers. */
export function readMessage(message: string): { subject: string; body: string; op?: string; actor?: string } {
  const trailers = parseTrailers(message);
  const [subject = '', ...rest] = message.trimStart().split('\n');
  const body = rest.join('\n').trim();
  const paragraphs = body.split(/\n[ \t]*\n/);
  if (trailers.some(({ key }) => /^cwf-/i.test(key))) {
    const kept = paragraphs
      .pop()!
      .split('\n')
      .filter((line) => !/^Cwf-[A-Za-z]+:/i.test(line));
    if (kept.join('').trim() !== '') paragraphs.push(kept.join('\n'));
  }
  return {
    subject: subject.trim(),
    body: paragraphs.join('\n\n'),
    op: trailerValue(trailers, 'Cwf-Op'),
    actor: trailerValue(trailers, 'Cwf-Actor'),
  };
}

/** The latest value of each metric among the facts on a commit, by name; of a run with several outputs their mean. */
export function latestMetrics(facts: readonly Json[]): Map<string, number> {
  const numbers = facts.flatMap(numberIn);
  const latest = new Map<string, NotedNumber>();
  for (const one of numbers) {
    if (one.time >= (latest.get(one.metric)?.time ?? Number.NEGATIVE_INFINITY)) latest.set(one.metric, one);
  }
  return new Map([...latest].map(([name, last]) => [name, meanOf(numbers, last)]));
}

interface NotedNumber {
  readonly metric: string;
  readonly value: number;
  readonly time: number;
  readonly run?: string;
}

function numberIn(fact: Json): NotedNumber[] {
  if (!isObject(fact)) return [];
  const { metric, value, time, run } = fact;
  if (typeof metric !== 'string' || typeof value !== 'number') return [];
  const when = typeof time === 'number' ? time : 0;
  return [{ metric, value, time: when, ...(typeof run === 'string' ? { run } : {}) }];
}

function meanOf(numbers: readonly NotedNumber[], { metric, value, run }: NotedNumber): number {
  if (run === undefined) return value;
  const all = numbers.filter((one) => one.run === run && one.metric === metric);
  return all.reduce((sum, one) => sum + one.value, 0) / all.length;
}

async function resolveRange(ctx: Context, range: string | undefined): Promise<{ start?: Oid; until?: Oid }> {
  // A repository without a commit has an empty log, not an error.
  if (range === undefined || range === '') return { start: (await ctx.repo.head()).oid };
  const at = range.indexOf('..');
  const hint = range.endsWith('.json') && `The names of files stand after --: \`cwf log -- ${range}\`.`;
  if (at < 0) return { start: await orHint(ctx.repo.resolve(range), hint) };
  const [from, to] = [range.slice(0, at) || 'HEAD', range.slice(at + 2) || 'HEAD'];
  return { until: await ctx.repo.resolve(from), start: await ctx.repo.resolve(to) };
}

/** Where a log begins, and what it leaves out. Throws USAGE for what cannot both be. */
async function startsOf(
  ctx: Context,
  { range, all = false, from }: LogInput,
): Promise<{ readonly starts: readonly Oid[]; readonly until?: Oid }> {
  if (all && range)
    throw new CwfError('USAGE', { command: 'log', reason: '--all looks at every branch: leave out the range' });
  // Words of a caller: what is no commit here is an answer, and no damage.
  const given = from && (await Promise.all(from.map((oid) => ctx.repo.resolve(oid))));
  if (all) return { starts: given ?? (await everyStart(ctx)) };
  const { start, until } = await resolveRange(ctx, range);
  return { starts: given ?? (start === undefined ? [] : [start]), ...(until === undefined ? {} : { until }) };
}

/** HEAD, branches, tags and remote branches, each commit once. */
async function everyStart(ctx: Context): Promise<Oid[]> {
  const { oid } = await ctx.repo.head();
  const starts = new Set(oid === undefined ? [] : [oid]);
  for (const prefix of ['refs/heads/', 'refs/remotes/', 'refs/tags/'])
    for (const { ref } of await ctx.repo.listRefs(prefix)) starts.add(await ctx.repo.resolve(ref));
  return [...starts];
}

async function entryOf(
  ctx: Context,
  commit: Commit,
  input: LogInput,
  names: ReadonlyMap<Oid, string[]>,
): Promise<LogEntry> {
  const { subject, op, actor } = readMessage(commit.message);
  const entry = { oid: commit.oid, parents: commit.parents, subject, author: commit.author, op, actor };
  const refs = names.get(commit.oid) ?? [];
  return {
    ...entry,
    refs,
    ...(input.metrics?.length ? { metrics: await metricsOf(ctx, commit.oid, input.metrics) } : {}),
    ...(input.stat ? { stat: await (await import('./stat.ts')).statOfCommit(ctx, commit) } : {}),
  };
}

async function metricsOf(ctx: Context, oid: Oid, wanted: readonly string[]): Promise<Record<string, number>> {
  const all = latestMetrics(await ctx.repo.notes('metrics').read(oid));
  // Without a prototype: a metric called `toString` was not noted just because every object has one.
  return Object.assign(Object.create(null), Object.fromEntries([...all].filter(([name]) => wanted.includes(name))));
}

function matches(commit: Commit, input: LogInput): boolean {
  const has = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  if (input.grep !== undefined && !has(commit.message, input.grep)) return false;
  const people = [commit.author, commit.committer].map(({ name, email }) => `${name} <${email}>`);
  if (input.author !== undefined && !people.some((person) => has(person, input.author!))) return false;
  if (input.actor === undefined) return true;
  const actor = readMessage(commit.message).actor ?? 'person';
  const wanted = input.actor.replace(/^(agent|tool):/, '$1/');
  return actor === wanted || actor.startsWith(`${wanted}/`);
}

/** Whether a commit differs from each of its parents at one of the paths, as `git log -- <path>` judges. */
async function touches(ctx: Context, commit: Commit, paths: readonly string[]): Promise<boolean> {
  const parents = await Promise.all(commit.parents.map((oid) => ctx.repo.readCommit(oid)));
  for (const path of paths) {
    const here = await entryAt(ctx, commit.tree, path);
    const there = await Promise.all(parents.map((parent) => entryAt(ctx, parent.tree, path)));
    if (parents.length === 0 ? here !== undefined : there.every((oid) => oid !== here)) return true;
  }
  return false;
}

/** Oid of the blob or folder at a path; undefined where there is none. */
export async function entryAt(ctx: Context, tree: Oid, path: string): Promise<Oid | undefined> {
  let oid: Oid | undefined = tree;
  for (const part of path.split('/')) {
    const entries: readonly { name: string; oid: Oid }[] = oid === undefined ? [] : await treeOf(ctx, oid);
    oid = entries.find((entry) => entry.name === part)?.oid;
  }
  return oid;
}

async function treeOf(ctx: Context, oid: Oid): Promise<readonly { name: string; oid: Oid }[]> {
  return (await ctx.repo.readObject(oid)).type === 'tree' ? ctx.repo.readTree(oid) : [];
}

async function refNames(ctx: Context): Promise<Map<Oid, string[]>> {
  const head = await ctx.repo.head();
  const names = new Map<Oid, string[]>();
  const put = (oid: Oid, name: string): void => void names.set(oid, [...(names.get(oid) ?? []), name]);
  if (head.oid !== undefined) put(head.oid, head.branch === undefined ? 'HEAD' : `HEAD -> ${shortRef(head.branch)}`);
  for (const { ref, oid } of await ctx.repo.listRefs('refs/heads/')) if (ref !== head.branch) put(oid, shortRef(ref));
  for (const { ref, oid } of await ctx.repo.listRefs('refs/tags/')) put(oid, `tag: ${ref.slice('refs/tags/'.length)}`);
  return names;
}

/** The name of a branch as people say it. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|remotes)\//, '');
}
