import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { TRIAL_REFS } from '../io/repo/revision.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Confirmation, foldConfirmations, readConfirmation } from '../plan/optimize/study/confirmation.ts';
import { readStudy, type StudyFile, studyJson } from '../plan/optimize/study/definition.ts';
import { isByPreference } from '../plan/optimize/study/preference.ts';
import { readTrialFact, type TrialRecord } from '../plan/optimize/study/record.ts';
import { foldRecords, type StudyState } from '../plan/optimize/study/state.ts';
import type { Context } from './context.ts';
import { answersAmong } from './study-answers.ts';

/** Where studies lie: a chain of commits of one file each, the last of which counts. */
export const STUDY_REFS = 'refs/cwf/study/';
/** The kind of the notes that tell how trials ended. */
export const STUDY_NOTES = 'study';

const FILE = 'study.json';

/** A study: what its ref and the notes of its trials say. */
export interface Study extends StudyFile {
  /** What the ref holds. */
  readonly tip: Oid;
  readonly state: StudyState;
  /** The commit of each trial, by number. */
  readonly commits: ReadonlyMap<number, Oid>;
}

/** Every study, by name. One that cannot be read is left out. */
export async function readStudies(ctx: Context): Promise<Study[]> {
  const found: Study[] = [];
  for (const { ref, oid } of await ctx.repo.listRefs(STUDY_REFS)) {
    const file = await studyAt(ctx, oid);
    if (file) found.push(await withTrials(ctx, file, oid, ref.slice(STUDY_REFS.length)));
  }
  return found;
}

/** The study of a name, with or without `study/` before it. Throws STUDY_NOT_FOUND, STUDY_CORRUPT. */
export async function findStudy(ctx: Context, word: string): Promise<Study> {
  const name = word.replace(/^(refs\/cwf\/)?study\//, '');
  const refs = await ctx.repo.listRefs(STUDY_REFS);
  const found = refs.find(({ ref }) => ref === STUDY_REFS + name);
  if (!found) {
    const known = refs.map(({ ref }) => ref.slice(STUDY_REFS.length));
    throw new CwfError('STUDY_NOT_FOUND', { study: name.slice(0, 100), ...(known.length > 0 ? { known } : {}) });
  }
  const file = await studyAt(ctx, found.oid);
  if (!file) throw new CwfError('STUDY_CORRUPT', { study: name, reason: `${FILE} of its ref cannot be read` });
  return withTrials(ctx, file, found.oid, name);
}

/**
 * Writes how a study stands, as one operation, and returns what its ref holds then. Throws REF_STALE where somebody
 * else wrote since `from`.
 */
export async function writeStudy(ctx: Context, command: string, file: StudyFile, from: Oid | null): Promise<Oid> {
  const { name } = file.definition;
  // The order of parameters is the order in which samplers see them: no canonical text.
  const bytes = Buffer.from(`${JSON.stringify(studyJson(file), null, 1)}\n`);
  const identity = await ctx.identity();
  return ctx.repo.transaction({ command, actor: ctx.actor }, async (tx) => {
    const blob = await tx.writeBlob(bytes);
    const tree = await tx.writeTree(undefined, new Map([[FILE, { mode: '100644', oid: blob }]]));
    const message = `study ${name}: ${file.status}${file.reason === '' ? '' : `: ${file.reason.split('\n', 1)[0]}`}\n`;
    const oid = await tx.writeCommit({ tree, parents: from === null ? [] : [from], message, ...identity });
    tx.setRef(STUDY_REFS + name, oid, from);
    return oid;
  });
}

async function studyAt(ctx: Context, oid: Oid): Promise<StudyFile | undefined> {
  try {
    const entry = (await ctx.repo.listTree((await ctx.repo.readCommit(oid)).tree)).get(FILE);
    if (!entry) return undefined;
    const json: Json = parseJson((await ctx.repo.readObject(entry.oid)).body, { source: FILE });
    return readStudy(json);
  } catch (error) {
    if (error instanceof CwfError && error.kind !== 'bug') return undefined;
    throw error;
  }
}

async function withTrials(ctx: Context, file: StudyFile, tip: Oid, name: string): Promise<Study> {
  const notes = ctx.repo.notes(STUDY_NOTES);
  const records: TrialRecord[] = [];
  const confirmations: Confirmation[] = [];
  const commits = new Map<number, Oid>();
  for (const { ref, oid } of await ctx.repo.listRefs(`${TRIAL_REFS}${name}/`)) {
    const number = Number(ref.slice(ref.lastIndexOf('/') + 1));
    commits.set(number, oid);
    for (const fact of await notes.read(oid)) {
      const record = readTrialFact(fact);
      if (record?.study === name && record.number === number) records.push(record);
      const confirmation = readConfirmation(fact);
      if (confirmation?.study === name && confirmation.number === number) confirmations.push(confirmation);
    }
  }
  const isAsked = isByPreference(file.definition.objectives);
  const answers = isAsked ? { answers: await answersAmong(ctx, commits) } : {};
  const confirmed = confirmations.length > 0 ? { confirmations: foldConfirmations(confirmations) } : {};
  const state = { ...foldRecords(records), ...answers, ...confirmed };
  return { ...file, definition: { ...file.definition, name }, tip, state, commits };
}
