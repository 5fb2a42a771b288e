import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import { type BisectOutput, checkout, type Named, named, settle } from './bisect.ts';
import { commandJudge } from './bisect-command.ts';
import type { Judge, Judgement } from './bisect-judge.ts';
import { checkLimit, type Limit, type MeasureTerms, measureJudge } from './bisect-measure.ts';
import {
  type BisectState,
  clearBisect,
  findBisect,
  type Mark,
  readBisect,
  verdicts,
  writeBisect,
} from './bisect-state.ts';
import { minimizeCommit, type WithinOutput } from './bisect-within.ts';
import { requireClean } from './clean-tree.ts';
import type { Context } from './context.ts';
import { repoPath } from './paths.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';

/** How each commit is tested: by a command, or by a run of the workflow and a limit for what it leaves. */
export interface BisectRunInput extends Limit, Pick<MeasureTerms, 'on' | 'set' | 'seed' | 'input' | 'allowSecrets'> {
  /** Program and arguments; runs without a shell at the top of the working tree, with CWF_COMMIT and CWF_FILE. */
  readonly command?: readonly string[];
  /** Also which edits of the first bad commit it takes. */
  readonly within?: boolean;
  /** With `within`: look into this commit, without a search before. */
  readonly rev?: string;
  /** CWF_FILE, or what is run; else the workflow that differs between bad and good (the first by name of several). */
  readonly file?: string;
}

/** One test on the way. */
export interface BisectTest extends Named, Omit<Judgement, 'verdict'> {
  readonly mark: Mark;
}

/** How the search ended, and every test on the way. */
export interface BisectRunOutput {
  readonly result: BisectOutput;
  readonly tests: readonly BisectTest[];
  readonly within?: WithinOutput;
}

/**
 * `cwf bisect run`: tests commits until the first bad one is known. Of a command exit code 0 is good, 125 skips, 1 to
 * 127 is bad, more aborts; a run is bad by its limit and skipped where there is no number. Throws BISECT_NONE,
 * BISECT_WAITING, BISECT_COMMAND, BISECT_LIMIT, BISECT_REFERENCE, BISECT_ROOT, UNCOMMITTED_CHANGES, and what running throws.
 */
export const bisectRun = defineVerb<BisectRunInput, BisectRunOutput>({
  name: 'bisect run',
  summary: 'Let a command or a number find the commit that made it bad',
  mutates: true,
  local: true,
  run: (ctx, input) => bisectBy(ctx, input),
});

/** The verb, with a signal that ends the run that is under way. */
export async function bisectBy(ctx: Context, input: BisectRunInput, signal?: AbortSignal): Promise<BisectRunOutput> {
  const usage = (reason: string) => new CwfError('USAGE', { command: 'bisect run', reason });
  if (ctx.dryRun) throw usage('it has no dry run: it runs commands and workflows');
  if (input.rev !== undefined && !input.within)
    throw usage(
      `the command stands after --: \`cwf bisect run -- ${input.rev} ...\`; a commit is only named with --within`,
    );
  if (isMeasured(input)) {
    if (input.command?.length) throw usage('a command and a limit exclude each other');
    checkLimit(input);
  }
  if (input.rev !== undefined) return inOneCommit(ctx, input, await ctx.repo.resolve(input.rev), signal);
  const testing = new Testing(ctx, input, readBisect(ctx), signal);
  try {
    const result = await search(ctx, testing);
    const commit = result.kind === 'found' && input.within ? result.commit : undefined;
    const within = commit && (await testing.within(commit.oid));
    return { result, tests: testing.tests, ...(within === undefined ? {} : { within }) };
  } finally {
    await testing.close();
  }
}

function isMeasured({ metric, below, above, imageDiffers }: Limit): boolean {
  return [metric, below, above, imageDiffers].some((part) => part !== undefined);
}

async function search(ctx: Context, testing: Testing): Promise<BisectOutput> {
  let result = await settle(ctx, readBisect(ctx));
  if (result.kind === 'waiting') {
    const missing = result.missing === undefined ? 'a bad and a good commit' : `a ${result.missing} commit`;
    throw new CwfError('BISECT_WAITING', { missing });
  }
  if (result.kind === 'test' || result.kind === 'found') await testing.begin();
  while (result.kind === 'test') {
    const mark = await testing.test(result.commit!);
    const state = readBisect(ctx);
    result = await settle(ctx, { ...state, marks: [...state.marks, { mark, ...result.commit! }] });
  }
  return result;
}

/** A bisection of its own for one commit: HEAD and the working tree come back whatever happens. */
async function inOneCommit(
  ctx: Context,
  input: BisectRunInput,
  oid: Oid,
  signal: AbortSignal | undefined,
): Promise<BisectRunOutput> {
  if (findBisect(ctx) !== undefined)
    throw new CwfError('USAGE', {
      command: 'bisect run',
      reason: 'a bisection is under way: end it with `cwf bisect reset`',
    });
  const commit = await named(ctx, oid);
  const { branch, oid: head } = await ctx.repo.head();
  await requireClean(ctx);
  const origin = { ...(branch === undefined ? {} : { branch }), oid: head! };
  const [parent] = (await ctx.repo.readCommit(oid)).parents;
  if (parent === undefined) throw new CwfError('BISECT_ROOT', { rev: oid.slice(0, 8) });
  const state: BisectState = {
    version: 1,
    origin,
    marks: [
      { mark: 'bad', ...commit },
      { mark: 'good', ...(await named(ctx, parent)) },
    ],
  };
  const testing = new Testing(ctx, input, state, signal);
  writeBisect(ctx, state);
  try {
    const within = await testing.within(oid);
    return { result: { kind: 'found', commit }, tests: [], within };
  } finally {
    await testing.close();
    await checkout(ctx, head!, branch);
    clearBisect(ctx);
  }
}

/** Tests commits and candidates, and keeps what was said of them. */
class Testing {
  readonly tests: BisectTest[] = [];
  private readonly ctx: Context;
  private readonly state: BisectState;
  private readonly judge: Judge;
  private readonly metric: string;

  constructor(ctx: Context, input: BisectRunInput, state: BisectState, signal: AbortSignal | undefined) {
    this.ctx = ctx;
    this.state = state;
    this.metric = input.metric ?? 'image-differs';
    let found = input.file === undefined ? undefined : repoPath(ctx, input.file);
    const file = async () => {
      found ??= await this.guessFile();
      return found;
    };
    const good = verdicts(state).good[0]!;
    const { command = [], rev: _, within: __, ...terms } = input;
    this.judge = isMeasured(input)
      ? measureJudge(ctx, { ...terms, file, good, signal })
      : commandJudge(ctx, { command, file, good });
  }

  /** Looks at the ends of the search. */
  async begin(): Promise<void> {
    await this.judge.begin(verdicts(this.state).bad!);
  }

  /** Tests the commit that is checked out. */
  async test(commit: Named): Promise<Mark> {
    const { verdict, ...said } = await this.judge.commit(commit.oid);
    const mark = verdict === 'unresolved' ? 'skip' : verdict;
    this.ctx.log(`${mark.padEnd(4)}  ${commit.oid.slice(0, 8)}  ${this.measured(said)}${commit.subject}`);
    this.tests.push({ ...commit, ...said, mark });
    return mark;
  }

  /** Minimises the edits of a commit. */
  async within(oid: Oid): Promise<WithinOutput> {
    await checkout(this.ctx, oid, undefined);
    return minimizeCommit(this.ctx, oid, async () => (await this.judge.candidate(oid)).verdict);
  }

  async close(): Promise<void> {
    await this.judge.close();
  }

  private measured({ value, reason }: Omit<Judgement, 'verdict'>): string {
    if (reason !== undefined) return `${reason}  `;
    return value === undefined ? '' : `${this.metric} ${Number(value.toPrecision(4))}  `;
  }

  private async guessFile(): Promise<string> {
    const { bad, good } = verdicts(this.state);
    const after = await loadWorkflows(this.ctx, bad);
    const before = await loadWorkflows(this.ctx, good[0]);
    const differs = [...after].filter(([file, { oid }]) => before.get(file)?.oid !== oid).map(([file]) => file);
    for (const file of [...differs, ...after.keys()].sort()) {
      if (differs.includes(file) && (await after.get(file)!.workflow()) !== undefined) return file;
    }
    return [...after.keys()].sort()[0] ?? '';
  }
}
