import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import { type BisectStep, type DagCommit, nextStep } from '../plan/bisect/midpoint.ts';
import {
  type BisectState,
  clearBisect,
  findBisect,
  type Mark,
  type MarkEntry,
  readBisect,
  verdicts,
  writeBisect,
} from './bisect-state.ts';
import { stageCheckout } from './checkout.ts';
import { requireClean } from './clean-tree.ts';
import type { Context } from './context.ts';
import { readMessage } from './log.ts';
import { putBackScratch } from './scratch.ts';
import { defineVerb } from './verb.ts';

/** A commit as a bisection names it. */
export interface Named {
  readonly oid: Oid;
  readonly subject: string;
}

/**
 * Where a bisection stands. `waiting`: a bad or a good commit is missing; `test`: `commit` is checked out and waits for
 * an answer (`mergeBase` when it must be known first, because a good commit is no ancestor of the bad one); `found`:
 * `commit` is the first bad one; `only-skipped`: it is one of `candidates`.
 */
export interface BisectOutput {
  readonly kind: 'waiting' | 'test' | 'found' | 'only-skipped';
  readonly commit?: Named;
  readonly mergeBase?: boolean;
  /** Commits left to test after this one, and about how many tests that takes. */
  readonly remaining?: number;
  readonly steps?: number;
  readonly candidates?: readonly Named[];
  /** What is waited for; both when absent. */
  readonly missing?: 'bad' | 'good';
}

/** Begins with what is known already. */
export interface BisectStartInput {
  readonly bad?: string;
  readonly good?: readonly string[];
}

/** What some commits are; HEAD when none is named. */
export interface BisectMarkInput {
  readonly mark: Mark;
  readonly revs?: readonly string[];
}

/** `cwf bisect start`: begins anew; where HEAD stood before the first start is kept. Throws UNCOMMITTED_CHANGES. */
export const bisectStart = defineVerb<BisectStartInput, BisectOutput>({
  name: 'bisect start',
  summary: 'Begin to look for the commit that made it bad',
  mutates: true,
  drops: true,
  async run(ctx, input) {
    const marks: MarkEntry[] = [];
    if (input.bad !== undefined) marks.push(await entryOf(ctx, 'bad', input.bad));
    for (const rev of input.good ?? []) marks.push(await entryOf(ctx, 'good', rev));
    const { branch, oid } = await ctx.repo.head();
    if (oid === undefined) throw new CwfError('REV_NOT_FOUND', { rev: 'HEAD' });
    await requireClean(ctx);
    const origin = findBisect(ctx)?.origin ?? { ...(branch === undefined ? {} : { branch }), oid };
    return settle(ctx, { version: 1, origin, marks });
  },
});

/** `cwf bisect bad`, `good` and `skip`. Throws BISECT_NONE, REV_NOT_FOUND, BISECT_ORDER, BISECT_SAME, UNCOMMITTED_CHANGES. */
export const bisectMark = defineVerb<BisectMarkInput, BisectOutput>({
  name: 'bisect mark',
  summary: 'Say that commits are good, bad or cannot be tested',
  mutates: true,
  drops: true,
  async run(ctx, { mark, revs }) {
    const state = readBisect(ctx);
    const marks = [...state.marks];
    for (const rev of revs?.length ? revs : ['HEAD']) marks.push(await entryOf(ctx, mark, rev));
    return settle(ctx, { ...state, marks });
  },
});

/** `cwf bisect next`: where it stands, with the commit to test checked out. Throws BISECT_NONE. */
export const bisectNext = defineVerb<Record<string, never>, BisectOutput>({
  name: 'bisect next',
  summary: 'Check out the commit to test next',
  mutates: true,
  drops: true,
  run: async (ctx) => settle(ctx, readBisect(ctx)),
});

/** `cwf bisect log`: every answer in order. Throws BISECT_NONE. */
export const bisectLog = defineVerb<Record<string, never>, { readonly marks: readonly MarkEntry[] }>({
  name: 'bisect log',
  summary: 'List the answers given so far',
  mutates: false,
  run: async (ctx) => ({ marks: readBisect(ctx).marks }),
});

/** `cwf bisect reset`: ends it and goes back to where HEAD was. Throws BISECT_NONE, UNCOMMITTED_CHANGES. */
export const bisectReset = defineVerb<Record<string, never>, { readonly branch?: string; readonly oid: Oid }>({
  name: 'bisect reset',
  summary: 'End the bisection and go back',
  mutates: true,
  drops: true,
  async run(ctx) {
    const state = readBisect(ctx);
    await putBackScratch(ctx, state);
    const tip = state.origin.branch === undefined ? undefined : await ctx.repo.readRef(state.origin.branch);
    // A branch that was deleted meanwhile does not come back: HEAD then stands on its commit alone.
    const branch = tip === undefined ? undefined : state.origin.branch;
    const oid = tip ?? state.origin.oid;
    await checkout(ctx, oid, branch);
    clearBisect(ctx);
    return { ...(branch === undefined ? {} : { branch }), oid };
  },
});

/**
 * Keeps the state, decides the next step and checks it out. The answer is kept before anything moves: a crash never
 * loses one. Answers that contradict each other are refused and not kept.
 */
export async function settle(ctx: Context, state: BisectState): Promise<BisectOutput> {
  const { bad, good, skip } = verdicts(state);
  const base = bad === undefined ? undefined : await untestedBase(ctx, bad, good, new Set(skip));
  writeBisect(ctx, state);
  if (bad === undefined || good.length === 0) {
    if (bad === undefined && good.length === 0) return { kind: 'waiting' };
    return { kind: 'waiting', missing: bad === undefined ? 'bad' : 'good' };
  }
  if (base !== undefined) {
    await checkout(ctx, base, undefined);
    return { kind: 'test', commit: await named(ctx, base), mergeBase: true };
  }
  const commits: DagCommit[] = [];
  for await (const { oid, parents } of ctx.repo.walk([bad], { until: good })) commits.push({ oid, parents });
  const step = nextStep(commits, bad, good, new Set(skip));
  if (step.kind === 'test') await checkout(ctx, step.oid, undefined);
  return outputOf(ctx, step);
}

/** Puts HEAD on a commit (of a branch) and the working tree with it, as one operation. */
export async function checkout(ctx: Context, oid: Oid, branch: string | undefined): Promise<void> {
  const head = await ctx.repo.head();
  if (head.oid === oid && head.branch === branch) return;
  if (head.oid !== oid) await requireClean(ctx);
  await ctx.repo.transaction({ command: 'bisect', actor: ctx.actor }, async (tx) => {
    if (head.oid !== oid) await stageCheckout(ctx, tx, oid);
    tx.setHead(branch === undefined ? { oid } : { branch });
  });
}

/** A commit with its subject. */
export async function named(ctx: Context, oid: Oid): Promise<Named> {
  return { oid, subject: readMessage((await ctx.repo.readCommit(oid)).message).subject };
}

/**
 * A good commit that is no ancestor of the bad one says nothing yet about what both have in common: the merge base must
 * be good as well. Throws BISECT_ORDER when it is known to be bad, BISECT_SAME when one commit is called both.
 */
async function untestedBase(
  ctx: Context,
  bad: Oid,
  good: readonly Oid[],
  skip: ReadonlySet<Oid>,
): Promise<Oid | undefined> {
  for (const one of good) {
    if (one !== bad && (await ctx.repo.isAncestor(one, bad))) continue;
    for (const base of await ctx.repo.mergeBases(bad, one)) {
      if (base === bad) {
        const [b, g] = [short(bad), short(one)];
        if (one === bad) throw new CwfError('BISECT_SAME', { rev: b });
        throw new CwfError('BISECT_ORDER', { base: short(base), good: g, bad: b });
      }
      if (!good.includes(base) && !skip.has(base)) return base;
    }
  }
  return undefined;
}

async function outputOf(ctx: Context, step: BisectStep): Promise<BisectOutput> {
  if (step.kind === 'only-skipped') {
    const candidates: Named[] = [];
    for (const oid of step.oids) candidates.push(await named(ctx, oid));
    return { kind: 'only-skipped', candidates };
  }
  const commit = await named(ctx, step.oid);
  if (step.kind === 'found') return { kind: 'found', commit };
  return { kind: 'test', commit, remaining: step.remaining, steps: step.steps };
}

async function entryOf(ctx: Context, mark: Mark, rev: string): Promise<MarkEntry> {
  return { mark, ...(await named(ctx, await ctx.repo.resolve(rev))) };
}

function short(oid: Oid): string {
  return oid.slice(0, 8);
}
