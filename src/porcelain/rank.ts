import { randomBytes } from 'node:crypto';
import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Choice, candidatesOf, duelsOf } from '../plan/rank/choice.ts';
import { type Consistency, consistencyOf } from '../plan/rank/consistency.ts';
import { fitScores } from '../plan/rank/fit.ts';
import { type NextPair, nextPair } from '../plan/rank/next-pair.ts';
import { type Ranked, rankCandidates } from '../plan/rank/ranking.ts';
import type { Context } from './context.ts';
import {
  anchorOf,
  type Candidate,
  checkOneKind,
  describeCandidates,
  isThere,
  kindOf,
  resolveAmong,
  resolveCandidates,
} from './rank-candidates.ts';
import { checkedChoice, choiceFact, type MadeChoice, readChoices } from './rank-choices.ts';
import { type RankedStudy, studyQuestion, writePair } from './rank-study.ts';
import { defineVerb } from './verb.ts';

/** A choice: of two candidates the `winner`, or of any number the `best`. Revisions, or outputs as `sha256:<digits>`. */
export interface RankInput {
  readonly candidates: readonly string[];
  readonly winner?: 'a' | 'b' | 'tie';
  readonly best?: string;
  readonly dryRun?: boolean;
}

/** The choice as it was noted, and the commit whose note holds it. */
export interface RankOutput {
  readonly choice: Choice;
  readonly on: Oid;
  readonly candidates: readonly Candidate[];
}

/** `cwf rank`: notes which of several is best. Throws RANK_INVALID, REV_NOT_FOUND, OUTPUT_FILE_NOT_FOUND. */
export const rank = defineVerb<RankInput, RankOutput>({
  name: 'rank',
  summary: 'Say which of several results is best',
  mutates: true,
  async run(ctx, input) {
    const choice = checkedChoice(await choiceOf(ctx, input));
    checkOneKind(candidatesOf(choice));
    const on = await anchorOf(ctx, choice.kind === 'best' ? choice.chosen : [...choice.between].sort()[0]!);
    const made: MadeChoice = { choice, actor: ctx.actor, time: Math.floor(ctx.now() / 1000) };
    if (!input.dryRun) {
      const fact = choiceFact(made, randomBytes(6).toString('hex'));
      await ctx.repo.transaction({ command: 'rank', actor: ctx.actor }, async (tx) => {
        ctx.repo.notes('rank').add(tx, on, fact);
      });
    }
    return { choice, on, candidates: await describeCandidates(ctx, candidatesOf(choice)) };
  },
});

/** Whose choices to count (all when absent), and which candidates may be asked about (those of the choices). */
export interface RankNextInput {
  readonly among?: readonly string[];
  readonly by?: string;
  /** Asks about trials of this study instead, by the choices of people alone. */
  readonly study?: string;
  /** A page to write, with what the two left beside each other. */
  readonly out?: string;
}

/** The two to compare next, and what is known of the answer before it is given. */
export interface RankNextOutput extends Omit<NextPair, 'a' | 'b'> {
  readonly a: Candidate;
  readonly b: Candidate;
  /** How many candidates there were to choose from. */
  readonly candidates: number;
  /** Which trials the two are, where a study is asked about. */
  readonly study?: RankedStudy & { readonly trials: readonly [a: number, b: number] };
  /** The page, relative to where one is. */
  readonly written?: string;
}

/**
 * `cwf rank next`: the pair whose comparison would tell most; of a study the best so far against one that waits to be
 * looked at (RK-11). Throws RANK_INVALID when there are not two candidates, STUDY_NOT_FOUND, STUDY_BASE_GONE.
 */
export const rankNext = defineVerb<RankNextInput, RankNextOutput>({
  name: 'rank next',
  summary: 'Tell which two to compare next',
  mutates: false,
  async run(ctx, input) {
    const asked = input.study === undefined ? undefined : await studyQuestion(ctx, input.study);
    const by = input.by ?? (asked && 'person');
    const choices = (await readChoices(ctx, by)).choices.map(({ choice }) => choice);
    const among =
      asked?.among ?? (input.among?.length ? await resolveAmong(ctx, input.among) : await stillThere(ctx, choices));
    const fit = fitScores(choices, among);
    // Commits are compared with commits, outputs with outputs.
    const pairs = (['commit', 'output'] as const)
      .map((kind) =>
        nextPair(
          fit,
          choices,
          among.filter((id) => kindOf(id) === kind),
        ),
      )
      .filter((pair) => pair !== undefined)
      .sort((p, q) => q.bits - p.bits);
    const [pair] = pairs;
    if (pair === undefined)
      throw new CwfError(
        'RANK_INVALID',
        { reason: `there ${among.length === 1 ? 'is 1 candidate' : 'are no candidates'} to ask about` },
        asked
          ? { hint: 'Two trials with pictures are needed: see `cwf exp show`.' }
          : { hint: 'Name at least two with --among, such as `cwf rank next --among main..trial/flux`.' },
      );
    const [a, b] = await describeCandidates(ctx, [pair.a, pair.b]);
    const written = input.out === undefined ? undefined : await writePair(ctx, [a!, b!], input.out);
    return {
      ...pair,
      a: a!,
      b: b!,
      candidates: among.length,
      ...(asked ? { study: { ...asked.study, trials: [asked.numberOf(a!.id), asked.numberOf(b!.id)] as const } } : {}),
      ...(written === undefined ? {} : { written }),
    };
  },
});

/** One row of a ranking: `won` and `lost` count comparisons of two, the best of five won four. */
export interface RankRow extends Ranked, Candidate {
  readonly won: number;
  readonly lost: number;
  readonly tied: number;
}

/** The ranking that choices make. `tieChance`: that two equal candidates tie; absent while nobody said tie. */
export interface RankShowOutput {
  readonly ranking: readonly RankRow[];
  readonly choices: number;
  /** How many choices each made, most first. */
  readonly actors: Readonly<Record<string, number>>;
  readonly tieChance?: number;
  readonly consistency: Consistency;
  /** Lines of the notes that are no choices. */
  readonly unread: number;
}

/** Whose choices count, and among which candidates: all when absent. */
export interface RankShowInput {
  readonly by?: string;
  /** Revisions, `a..b`, outputs. Choices that somebody else had a part in do not count then. */
  readonly among?: readonly string[];
}

/**
 * `cwf rank show`: scores with their uncertainty, and how far the choices agree. Throws REV_NOT_FOUND,
 * OUTPUT_FILE_NOT_FOUND for candidates that are not there.
 */
export const rankShow = defineVerb<RankShowInput, RankShowOutput>({
  name: 'rank show',
  summary: 'Show the ranking that the choices make',
  mutates: false,
  async run(ctx, input) {
    const { choices: all, unread } = await readChoices(ctx, input.by);
    const among = input.among?.length ? new Set(await resolveAmong(ctx, input.among)) : undefined;
    const made = among ? all.filter(({ choice }) => candidatesOf(choice).every((id) => among.has(id))) : all;
    const choices = made.map(({ choice }) => choice);
    const fit = fitScores(choices, among ? [...among] : []);
    const counts = new Map<string, number>();
    for (const { actor } of made) counts.set(actor, (counts.get(actor) ?? 0) + 1);
    // The order of the notes is that of their seconds: it would differ with the speed of the hand.
    const actors = Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
    const tallies = talliesOf(choices);
    const ranked = rankCandidates(fit);
    const described = await describeCandidates(
      ctx,
      ranked.map(({ id }) => id),
    );
    return {
      ranking: ranked.map((row, i) => ({ ...row, ...described[i]!, ...(tallies.get(row.id) ?? NONE) })),
      choices: choices.length,
      actors,
      ...(fit.tie === undefined ? {} : { tieChance: 1 / (1 + 2 * Math.exp(-fit.tie)) }),
      consistency: consistencyOf(choices),
      unread,
    };
  },
});

async function choiceOf(ctx: Context, { candidates, winner, best }: RankInput): Promise<Choice> {
  const refuse = (reason: string): CwfError => new CwfError('RANK_INVALID', { reason });
  if (best !== undefined) {
    if (winner !== undefined) throw refuse('--best and --winner exclude each other');
    const [chosen, ...all] = await resolveCandidates(ctx, [best, ...candidates]);
    return { kind: 'best', chosen: chosen!, over: all.filter((id) => id !== chosen) };
  }
  if (candidates.length !== 2) throw refuse(`two candidates are compared, not ${candidates.length}`);
  if (winner === undefined) throw refuse('which one is better is not said: --winner a, b or tie');
  const [a, b] = (await resolveCandidates(ctx, candidates)) as [string, string];
  if (winner === 'tie') return { kind: 'tie', between: [a, b] };
  return winner === 'a' ? { kind: 'best', chosen: a, over: [b] } : { kind: 'best', chosen: b, over: [a] };
}

async function stillThere(ctx: Context, choices: readonly Choice[]): Promise<string[]> {
  const there: string[] = [];
  for (const id of [...new Set(choices.flatMap(candidatesOf))].sort()) if (await isThere(ctx, id)) there.push(id);
  return there;
}

/** The tally of who was in no choice. */
const NONE = { won: 0, lost: 0, tied: 0 };

function talliesOf(choices: readonly Choice[]): Map<string, { won: number; lost: number; tied: number }> {
  const tallies = new Map<string, { won: number; lost: number; tied: number }>();
  const add = (id: string, won: number, lost: number, tied: number): void => {
    const old = tallies.get(id) ?? { won: 0, lost: 0, tied: 0 };
    tallies.set(id, { won: old.won + won, lost: old.lost + lost, tied: old.tied + tied });
  };
  for (const { a, b, overA, overB, ties } of duelsOf(choices)) {
    add(a, overB, overA, ties);
    add(b, overA, overB, ties);
  }
  return tallies;
}
