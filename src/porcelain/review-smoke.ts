import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { hasOutput } from '../io/outputs/store.ts';
import type { Oid } from '../io/repo/types.ts';
import { refuseHosted } from '../plan/optimize/tunables/hosted.ts';
import type { Change } from './changes.ts';
import type { Context } from './context.ts';
import { outputsOf } from './output-names.ts';
import { type SmokeRuns, sideKey, type Unrun } from './review-runs.ts';
import { type DocumentRun, runPrepared } from './run-document.ts';
import { readRuns } from './run-note.ts';
import type { PreparedRun } from './run-prepare.ts';
import { promptOf, readForRun } from './run-prompt.ts';
import { type KnownRunner, knownRunners, prepareFor } from './run-runners.ts';
import { committedSource, type RunSource } from './run-source.ts';
import { EMBEDDED, openRunners } from './runners.ts';

/** How both sides of a proposal are run. */
export interface SmokeTerms {
  /** A runner; the embedded engine by default, since what is proposed may be anybody's. */
  readonly on?: string;
  /** The folder that pictures are loaded from. */
  readonly input?: string;
  /** What hosted nodes may cost in all, and what one run of them costs. */
  readonly money?: number;
  readonly costPerRun?: number;
  /** Everything but the runs. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Called when a run begins and ends. */
  readonly report?: (step: SmokeStep) => void;
}

/** A run of one side. `noted`: a run of the same prompt is there, and is not made again. */
export interface SmokeStep {
  readonly kind: 'begun' | 'ended' | 'noted';
  readonly side: 'base' | 'proposal';
  readonly file: string;
  readonly commit: Oid;
  readonly runner: string;
}

interface Side {
  readonly side: SmokeStep['side'];
  readonly commit: Oid;
  readonly file: string;
  readonly source: RunSource;
}

/** A change of more workflows than that is no change to be judged by its pictures. */
const MOST_FILES = 16;

/**
 * Runs each changed workflow once as the base has it and once as the proposal does, on one runner; a run of the same
 * prompt that is noted is not made again. What cannot be prepared or sent is an answer. Throws SPACE_HOSTED for hosted
 * nodes that nobody said money for, RUNNER_NOT_FOUND, RUN_STOPPED, and what running throws. [RV-12]
 */
export async function smokeRuns(
  ctx: Context,
  base: Oid | undefined,
  head: Oid,
  changes: readonly Change[],
  terms: SmokeTerms,
): Promise<SmokeRuns> {
  const unrun = new Map<string, Unrun>();
  const sides: Side[] = [];
  const put = async (side: Side['side'], commit: Oid, file: string): Promise<void> => {
    sides.push({ side, commit, file, source: await committedSource(ctx, commit, file, commit.slice(0, 8)) });
  };
  for (const [at, { file, from = file, before, after }] of changes.filter((one) => one.after).entries()) {
    if (at >= MOST_FILES) {
      unrun.set(sideKey(head, file), {
        commit: head,
        kind: 'not-run',
        reason: `more than ${MOST_FILES} files changed`,
      });
      continue;
    }
    if (base !== undefined && before) await put('base', base, from);
    if (after) await put('proposal', head, file);
  }
  payable(ctx, sides, terms);
  const { runners, close } = await openRunners(ctx, terms.on ?? EMBEDDED);
  const runs: (DocumentRun & { readonly commit: Oid })[] = [];
  try {
    const known = await knownRunners(runners, terms.signal);
    for (const side of sides) {
      const { commit, file } = side;
      const out = await runSide(ctx, side, known[0]!, terms);
      if ('run' in out) runs.push({ ...out.run, commit });
      else if ('reason' in out || out.kind === 'planned') unrun.set(sideKey(commit, file), { commit, ...out });
    }
    return { runs, unrun };
  } finally {
    await close();
  }
}

type Ended = Omit<Unrun, 'commit'> | { readonly run: DocumentRun };

async function runSide(ctx: Context, side: Side, known: KnownRunner, terms: SmokeTerms): Promise<Ended> {
  const { commit, file, source } = side;
  const { runner } = known;
  const step = (kind: SmokeStep['kind']): void =>
    terms.report?.({ kind, side: side.side, file, commit, runner: runner.name });
  const prepared = await preparedRun(ctx, source, known, terms);
  if (typeof prepared === 'string') return { kind: 'not-run', reason: prepared, runner: runner.name };
  if (await isNoted(ctx, commit, prepared, runner.name)) {
    step('noted');
    return { kind: 'noted' };
  }
  if (terms.dryRun) return { kind: 'planned', runner: runner.name };
  step('begun');
  const { signal } = terms;
  const run = await runPrepared(ctx, prepared, runner, { record: false, ...(signal ? { signal } : {}) });
  if (signal?.aborted) {
    const reason = run.note.error?.message ?? 'it was stopped';
    throw new CwfError('RUN_STOPPED', { source: file, runner: runner.name, reason });
  }
  step('ended');
  return { run };
}

/** The run as it would be sent, or why it cannot be. */
async function preparedRun(
  ctx: Context,
  source: RunSource,
  known: KnownRunner,
  { input }: SmokeTerms,
): Promise<PreparedRun | string> {
  try {
    const { prepared } = await prepareFor(ctx, source, input === undefined ? {} : { input }, [known]);
    return prepared.kind === 'ready' ? prepared : prepared.error.message;
  } catch (error) {
    if (isCwfError(error) && (error.kind === 'invalid' || error.kind === 'not-found')) return error.message;
    throw error;
  }
}

/** Whether a finished run of this prompt on this runner is noted, with all that it left. */
async function isNoted(ctx: Context, commit: Oid, { known }: PreparedRun, runner: string): Promise<boolean> {
  const place = outputsOf(ctx);
  return (await readRuns(ctx, commit)).some(
    (run) =>
      run.kind === 'finished' &&
      run.prompt === known.prompt &&
      run.file === known.file &&
      run.runner === runner &&
      run.lost === undefined &&
      run.outputs.every(({ id }) => hasOutput(place, id)),
  );
}

/** Throws SPACE_HOSTED where runs cost money, and not so much was allowed. */
function payable(ctx: Context, sides: readonly Side[], { money = 0, costPerRun = 0 }: SmokeTerms): void {
  const paid = sides.filter(({ source }) => {
    const hosted = hostedIn(ctx, source);
    refuseHosted({ hosted }, source.file, { most: money, perRun: costPerRun });
    return hosted.length > 0;
  });
  if (paid.length * costPerRun <= money) return;
  const nodes = paid.flatMap(({ source }) => hostedIn(ctx, source)).map(({ class_type }) => class_type);
  const why = `${paid.length} runs of ${costPerRun} each are over ${money}`;
  throw new CwfError('SPACE_HOSTED', { source: paid[0]!.file, nodes: [...new Set(nodes)], why });
}

/** Nodes of the prompt that run at a provider, for money. What is no prompt is not run, and costs nothing. */
function hostedIn(ctx: Context, { json, file }: RunSource): { readonly node: string; readonly class_type: string }[] {
  try {
    const { prompt } = promptOf(readForRun(json, file, ctx.catalog), ctx.catalog, new Date(ctx.now()));
    return Object.entries(prompt).flatMap(([node, value]) => {
      const class_type = isObject(value) ? value.class_type : undefined;
      if (typeof class_type !== 'string') return [];
      return ctx.catalog.node(class_type)?.flags.includes('api_node') ? [{ node, class_type }] : [];
    });
  } catch (error) {
    if (isCwfError(error) && error.kind !== 'bug') return [];
    throw error;
  }
}
