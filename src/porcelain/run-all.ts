import { CwfError, isCwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import type { RunEvent } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import { latestMetrics, readMessage, shortRef } from './log.ts';
import { repoPath } from './paths.ts';
import type { RunInput } from './run.ts';
import { dispatchPrepared } from './run-dispatch.ts';
import type { DocumentRun } from './run-document.ts';
import { runFailure } from './run-failure.ts';
import { meansOf, wantedMetrics } from './run-measure.ts';
import { type RunNote, readRuns } from './run-note.ts';
import type { PreparedRun } from './run-prepare.ts';
import { knownRunners, prepareFor } from './run-runners.ts';
import { committedSource } from './run-source.ts';
import { openRunners } from './runners.ts';
import { defineVerb } from './verb.ts';
import { splitRevFile } from './workflows.ts';

/** Which commits to run, and how. */
export interface RunAllInput extends Omit<RunInput, 'what'> {
  /** Revisions, `<rev>:<file>`, ranges `a..b`, and patterns of branches and tags (`trial/*`). */
  readonly what: readonly string[];
  /** Runs commits again that have a finished run of the same prompt. */
  readonly again?: boolean;
}

/** One commit that was to be run. */
export interface RunAllEntry {
  readonly commit: Oid;
  readonly subject: string;
  /** What the user called it. */
  readonly name: string;
  readonly file?: string;
  /**
   * `done`: a finished run of this prompt is noted already. `invalid`: nothing was sent. `planned`: in a dry run, it
   * would be. `waiting`: it was not begun before the end.
   */
  readonly kind: 'ran' | 'done' | 'invalid' | 'planned' | 'waiting';
  /** The run; of `done` the one that was there. */
  readonly note?: RunNote;
  readonly run?: DocumentRun;
  /** The numbers of the run, of several outputs their means; of `done` what the commit has. */
  readonly metrics?: Readonly<Record<string, number>>;
  readonly error?: CwfError;
}

/** What became of each commit, in the order in which they were named. */
export interface RunAllOutput {
  readonly entries: readonly RunAllEntry[];
}

/** How runs of many commits are watched and ended. */
export interface RunAllWatch {
  readonly signal?: AbortSignal;
  /** How many will be run, on which runners. */
  onReady?(count: number, runners: readonly string[]): void;
  onEvent?(entry: RunAllEntry, runner: string, event: RunEvent): void;
  onDone?(entry: RunAllEntry): void;
}

/**
 * `cwf run --all`: many commits over all runners. One that fails stops no other. Throws RUN_NOTHING where no commit fits,
 * METRIC_NOT_FOUND, and what `openRunners` and `dispatchPrepared` throw.
 */
export async function runCommits(ctx: Context, input: RunAllInput, watch: RunAllWatch = {}): Promise<RunAllOutput> {
  wantedMetrics(input.metrics ?? 'all');
  const wanted = await commitsOf(ctx, input.what);
  const { runners, close } = await openRunners(ctx, input.on);
  try {
    const known = await knownRunners(runners, watch.signal);
    const entries: RunAllEntry[] = [];
    const ready = new Map<string, { readonly at: number; readonly prepared: PreparedRun }>();
    for (const [at, one] of wanted.entries()) {
      const looked = await lookAt(ctx, one, input, known);
      entries.push(looked.entry);
      if (looked.prepared) ready.set(String(at), { at, prepared: looked.prepared });
    }
    if (input.dryRun || ready.size === 0) return { entries };
    watch.onReady?.(
      ready.size,
      known.map(({ runner }) => runner.name),
    );
    const entryOf = (id: string): RunAllEntry => entries[ready.get(id)!.at]!;
    await dispatchPrepared(ctx, runners, new Map([...ready].map(([id, { prepared }]) => [id, prepared])), {
      metrics: input.metrics ?? 'all',
      ...(input.record === undefined ? {} : { record: input.record }),
      ...(input.timeout === undefined ? {} : { deadline: input.timeout * 1000 }),
      ...(watch.signal ? { signal: watch.signal } : {}),
      onEvent: (id, runner, event) => watch.onEvent?.(entryOf(id), runner, event),
      onDone(id, run) {
        const { at } = ready.get(id)!;
        const error = runFailure(run.note, entries[at]!.commit);
        const metrics = meansOf(run.measured);
        entries[at] = { ...entries[at]!, kind: 'ran', note: run.note, run, metrics, ...(error ? { error } : {}) };
        watch.onDone?.(entries[at]!);
      },
    });
    return { entries };
  } finally {
    await close();
  }
}

/** The verb: as `runCommits`, with nobody watching. Each run is an operation of its own. */
export const runAll = defineVerb<RunAllInput, RunAllOutput>({
  name: 'run all',
  summary: 'Run the workflows of many commits',
  mutates: true,
  long: true,
  scope: 'propose',
  run: (ctx, input) => runCommits(ctx, input),
});

interface Wanted {
  readonly commit: Oid;
  readonly name: string;
  /** The path from the top of the tree. */
  readonly file?: string;
}

/** The commits that words mean, each once, patterns and ranges oldest first. */
async function commitsOf(ctx: Context, words: readonly string[]): Promise<Wanted[]> {
  const found = new Map<string, Wanted>();
  const put = (one: Wanted): void => void (found.has(key(one)) || found.set(key(one), one));
  const refs = [...(await ctx.repo.listRefs('refs/heads/')), ...(await ctx.repo.listRefs('refs/tags/'))];
  for (const word of words) {
    const part = splitRevFile(word);
    const rev = part?.rev ?? word;
    const file = part === undefined ? {} : { file: repoPath({ repo: ctx.repo, cwd: ctx.repo.workDir }, part.file) };
    const range = /^(.*[^.])?\.\.([^.].*)?$/.exec(rev);
    if (/[*?[]/.test(rev)) {
      const isWanted = patternOf(rev);
      for (const { ref } of refs) {
        const name = shortRef(ref);
        if (isWanted(name)) put({ commit: await ctx.repo.resolve(ref), name, ...file });
      }
    } else if (range) {
      const [until, start] = [await ctx.repo.resolve(range[1] || 'HEAD'), await ctx.repo.resolve(range[2] || 'HEAD')];
      const commits: Wanted[] = [];
      for await (const { oid } of ctx.repo.walk([start], { until: [until] }))
        commits.push({ commit: oid, name: oid.slice(0, 8), ...file });
      commits.reverse().forEach(put);
    } else put({ commit: await ctx.repo.resolve(rev), name: rev, ...file });
  }
  if (found.size === 0) throw new CwfError('RUN_NOTHING', { what: words });
  return [...found.values()];
}

function key({ commit, file = '' }: Wanted): string {
  return `${commit}:${file}`;
}

/** A pattern as git has them for refs: `*` and `?` may stand for anything but `/`, `**` for that, too. */
function patternOf(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\*\*|[\s\S]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => expression.test(name);
}

/** Prepares the run of one commit, or says why there is none. */
async function lookAt(
  ctx: Context,
  { commit, name, file }: Wanted,
  input: RunAllInput,
  known: Awaited<ReturnType<typeof knownRunners>>,
): Promise<{ readonly entry: RunAllEntry; readonly prepared?: PreparedRun }> {
  const { subject } = readMessage((await ctx.repo.readCommit(commit)).message);
  const about = { commit, subject, name };
  try {
    const path = file ?? (input.file === undefined ? undefined : repoPath(ctx, input.file));
    const source = await committedSource(ctx, commit, path, name);
    const { prepared } = await prepareFor(ctx, source, input, known);
    const entry = { ...about, file: source.file };
    if (prepared.kind === 'invalid') return { entry: { ...entry, kind: 'invalid', error: prepared.error } };
    const { prompt } = prepared.known;
    const runs = input.again ? [] : await readRuns(ctx, commit);
    const done = runs.findLast((run) => run.kind === 'finished' && run.prompt === prompt && run.file === source.file);
    if (done) {
      const metrics = Object.fromEntries(latestMetrics(await ctx.repo.notes('metrics').read(commit)));
      return { entry: { ...entry, kind: 'done', note: done, metrics } };
    }
    return { entry: { ...entry, kind: input.dryRun ? 'planned' : 'waiting' }, prepared };
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return { entry: { ...about, kind: 'invalid', error } };
  }
}
