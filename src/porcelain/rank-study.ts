import { relative, resolve } from 'node:path';
import { outputPath } from '../io/outputs/place.ts';
import { hasOutput, readOutput } from '../io/outputs/store.ts';
import type { Oid } from '../io/repo/types.ts';
import { drawPairPage, type PairSide } from '../plan/optimize/plots/pair-page.ts';
import { nextQuestion } from '../plan/optimize/preference/sampler.ts';
import { PREFERENCE } from '../plan/optimize/study/definition.ts';
import { waitingTrials, withPreference } from '../plan/optimize/study/preference.ts';
import { historyOf } from '../plan/optimize/study/state.ts';
import type { Context } from './context.ts';
import { openStudy } from './optimize-open.ts';
import { outputsOf } from './output-names.ts';
import { writeWhole } from './plain-files.ts';
import type { Candidate } from './rank-candidates.ts';
import { type RunOutput, readRuns } from './run-note.ts';
import { answersAmong } from './study-answers.ts';
import { findStudy } from './study-store.ts';

/** A study that is asked about. */
export interface RankedStudy {
  readonly name: string;
  /** How many of its trials nobody has looked at. */
  readonly waiting: number;
}

/** Among whom to ask. */
export interface StudyQuestion {
  readonly study: RankedStudy;
  /** Commits of trials: two, or those that may be the best. */
  readonly among: readonly Oid[];
  numberOf(oid: Oid): number;
}

/** More bytes than this are not put into a page. */
const LARGEST = 64e6;

/**
 * Whom of a study to ask about: the best so far and the trial that may well be better, of those that nobody has looked
 * at; else the best ones. Any study can be asked about, whatever it is for. Throws STUDY_NOT_FOUND, STUDY_BASE_GONE.
 * [RK-11]
 */
export async function studyQuestion(ctx: Context, word: string): Promise<StudyQuestion> {
  const { definition, state, commits } = await findStudy(ctx, word);
  const { space } = await openStudy(ctx, definition);
  const judged = { ...state, answers: await answersAmong(ctx, commits) };
  const likes = [{ name: PREFERENCE, direction: 'maximize' as const }];
  const history = withPreference(historyOf(definition, space, state), likes, judged.answers, state.records);
  const waiting = waitingTrials(judged);
  const question = nextQuestion(history, waiting);
  const numbers =
    question === undefined ? [] : question.kind === 'duel' ? [question.champion, question.challenger] : question.among;
  const byOid = new Map([...commits].map(([number, oid]) => [oid, number]));
  return {
    study: { name: definition.name, waiting: waiting.length },
    among: numbers.flatMap((number) => commits.get(number) ?? []),
    numberOf: (oid) => byOid.get(oid)!,
  };
}

/** Writes what two candidates left as one page that needs no network, and returns its path. Throws STORAGE_FAILED. */
export async function writePair(ctx: Context, pair: readonly Candidate[], out: string): Promise<string> {
  const sides = await Promise.all(pair.map((one, at) => sideOf(ctx, one, 'ab'[at]!)));
  const path = resolve(ctx.cwd, out);
  writeWhole(path, drawPairPage(sides));
  return relative(ctx.cwd, path);
}

async function sideOf(ctx: Context, { id, kind, about }: Candidate, name: string): Promise<PairSide> {
  const place = outputsOf(ctx);
  const files = kind === 'output' ? [{ id, type: '' }] : filesOf((await readRuns(ctx, id)).at(-1)?.outputs ?? []);
  const media = files.map(({ id: output, type }) => {
    if (!hasOutput(place, output)) return { type, missing: `${output.slice(0, 12)} is not here` };
    const bytes = readOutput(place, output);
    if (bytes.length > LARGEST) return { type, missing: `too large for a page: ${outputPath(place, output)}` };
    return { type: type || 'image/*', data: bytes.toString('base64') };
  });
  return { name, about, media };
}

/** What a run kept, or where it kept nothing its previews. */
function filesOf(outputs: readonly RunOutput[]): readonly RunOutput[] {
  const kept = outputs.filter(({ folder }) => folder === 'output');
  return kept.length > 0 ? kept : outputs;
}
