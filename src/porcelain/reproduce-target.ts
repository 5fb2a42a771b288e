import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { canonicalJson, jsonEqual } from '../base/json-text.ts';
import { hashDistance } from '../io/metrics/fingerprint.ts';
import { outputPath } from '../io/outputs/place.ts';
import { readOutput } from '../io/outputs/store.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { isFile } from './document.ts';
import { isJsonFile, parseFile } from './json-file.ts';
import { findOutputName, isHere, isOutputWord, outputsOf } from './output-names.ts';
import { graphOf, isGraphOf, type PictureClaim, type PictureGraph, readClaim } from './picture-claim.ts';
import { type Picture, type Reference, readPicture } from './reproduce-picture.ts';
import { listRuns, type RunNote, readRuns } from './run-note.ts';
import type { RunChanges } from './run-prepare.ts';
import { committedSource, type RunSource, runSource } from './run-source.ts';
import { loadWorkflows } from './workflows.ts';

/** By what it was found what is to be made again. */
export type FoundBy = 'commit' | 'claim' | 'bytes' | 'pixels' | 'graph';

/** What is to be made again. */
export interface Target {
  readonly source: RunSource & { readonly commit: Oid };
  /** The run whose note says how it was made; absent where nobody noted one. */
  readonly run?: RunNote;
  readonly by: FoundBy;
  /** The values and seeds it was made with. */
  readonly changes: Pick<RunChanges, 'set' | 'seeds'>;
  /** What the new outputs are compared with. */
  readonly references: readonly Reference[];
  /** What is to be said of how it was found. */
  readonly remarks: readonly string[];
}

/** Which of several. */
export interface TargetChoice {
  /** The first digits of a run's id. */
  readonly run?: string;
  /** The workflow of a revision that has several. */
  readonly file?: string;
}

const MEDIA = /\.(png|jpe?g|webp|gif|mp4|mov|webm|mkv|flac|ogg|opus|mp3)$/i;
/** Bits of 64 in which the difference hashes of one picture and a copy of it in another format differ. */
const ALIKE = 6;

/**
 * What a word means: an image, video or sound, an output (`sha256:`), a working file or a revision (HEAD by default).
 * Throws RUN_NOT_NOTED, RUN_NOT_FOUND, PICTURE_UNKNOWN and what reading the word throws. [RE-1, RE-2]
 */
export async function findTarget(ctx: Context, word: string | undefined, choice: TargetChoice): Promise<Target> {
  await ctx.loadCatalog();
  if (word !== undefined && !isJsonFile(word) && (isFile(word, ctx.cwd) || MEDIA.test(word)))
    return pictureTarget(ctx, await readPicture(ctx, word), choice);
  if (word !== undefined && isOutputWord(word)) return outputTarget(ctx, word, choice);
  return revisionTarget(ctx, word, choice);
}

async function revisionTarget(ctx: Context, word: string | undefined, { run, file }: TargetChoice): Promise<Target> {
  const isRev = word === undefined || !(isJsonFile(word) || word.includes(':'));
  const rev = word ?? 'HEAD';
  if (!isRev) {
    const source = await runSource(ctx, word, file);
    if (source.commit === undefined)
      throw new CwfError('RUN_UNCOMMITTED', { file: source.file }, { hint: 'Name the commit that was run.' });
    return ofRun(ctx, chosen(await readRuns(ctx, source.commit), rev, { run, file: source.file }), source.commit);
  }
  const oid = await ctx.repo.resolve(rev);
  return ofRun(ctx, chosen(await readRuns(ctx, oid), rev, { run, file }), oid);
}

/** The run that is meant: the last that finished and is no reproduction, else the last that finished. */
function chosen(runs: readonly RunNote[], rev: string, { run, file }: TargetChoice): RunNote {
  const finished = runs.filter((one) => one.kind === 'finished' && (file === undefined || one.file === file));
  if (run !== undefined) {
    const found = runs.filter((one) => one.run.startsWith(run));
    const [only, ...others] = found;
    const known = runs.map((one) => one.run.slice(0, 8));
    if (!only || others.length > 0 || run === '') throw new CwfError('RUN_NOT_FOUND', { run, rev, known });
    if (only.kind !== 'finished') throw new CwfError('RUN_NOT_NOTED', { rev, reason: `run ${run} is ${only.kind}` });
    return only;
  }
  const last = finished.findLast(({ reproduces }) => reproduces === undefined) ?? finished.at(-1);
  if (last) return last;
  const reason = runs.length > 0 ? 'no run of it finished' : 'no run of it is noted';
  throw new CwfError('RUN_NOT_NOTED', { rev, reason });
}

async function ofRun(ctx: Context, run: RunNote, oid: Oid): Promise<Target> {
  const source = await committedSource(ctx, oid, run.file);
  return {
    source: { ...source, commit: oid },
    run,
    by: 'commit',
    changes: changesOf(run.set, run.seeds),
    references: run.outputs,
    remarks: [],
  };
}

/** Values and seeds as a run takes them; of notes and pictures of others only what can be such. */
function changesOf(set: Json | undefined, seeds: RunNote['seeds']): Target['changes'] {
  const values = Object.entries(isObject(set) ? set : {});
  return {
    set: values.map(([address, value]) => ({ address, value: canonicalJson(value) })),
    seeds: seeds.filter(({ value }) => typeof value === 'number' || typeof value === 'bigint'),
  };
}

/** An output of the store, or one that only a note names. */
async function outputTarget(ctx: Context, word: string, choice: TargetChoice): Promise<Target> {
  const place = outputsOf(ctx);
  const named: string[] = [];
  for await (const { runs } of listRuns(ctx))
    for (const { outputs } of runs) named.push(...outputs.map(({ id }) => id));
  const id = findOutputName(place, word, named);
  if (isHere(ctx, id)) {
    // Throws where the bytes are not those of the name.
    readOutput(place, id);
    return pictureTarget(ctx, await readPicture(ctx, outputPath(place, id), word), choice);
  }
  const reference = { id, filename: word, type: '' };
  return pictureTarget(ctx, { name: word, reference }, choice);
}

/** A run in whose note a picture stands. */
interface NotedRun {
  readonly oid: Oid;
  readonly run: RunNote;
}

async function pictureTarget(ctx: Context, picture: Picture, choice: TargetChoice): Promise<Target> {
  const { id, pixels } = picture.reference;
  const graph = picture.embedded && graphOf(ctx, picture.embedded, picture.name);
  const claim = picture.embedded && readClaim(picture.embedded);
  const noted = await notedRuns(ctx, choice);
  if (choice.run !== undefined && noted.length === 0)
    throw new CwfError('RUN_NOT_FOUND', { run: choice.run, rev: picture.name, known: [] });
  const exact = noted.filter(({ run }) => run.outputs.some((output) => output.id === id));
  const same = noted.filter(({ run }) => pixels !== undefined && run.outputs.some((one) => one.pixels === pixels));
  const remarks: string[] = [];
  if (claim) {
    const source = await claimed(ctx, claim, graph, [...exact, ...same]);
    if (typeof source !== 'string') {
      const run = original([...same, ...exact]).find(
        ({ oid, run: { file } }) => oid === source.commit && file === source.file,
      );
      return found(picture, source, run?.run ?? (await fitting(ctx, source, claim.set, graph, choice)), 'claim', {
        set: claim.set,
        graph,
      });
    }
    remarks.push(`it says that it is of commit ${claim.commit.slice(0, 8)}: ${source}`);
  } else if (picture.embedded?.cwf !== undefined) remarks.push('what it says of a commit cannot be read');
  let strange: Target | undefined;
  for (const { oid, run, by } of [
    ...original(exact).map((one) => ({ ...one, by: 'bytes' as const })),
    ...original(same).map((one) => ({ ...one, by: 'pixels' as const })),
  ]) {
    const source = await orReason(() => committedSource(ctx, oid, run.file));
    if (typeof source === 'string') {
      remarks.push(`the run ${run.run.slice(0, 8)} left it, and ${source}`);
      continue;
    }
    const target = found(picture, { ...source, commit: oid }, run, by, { graph });
    // Two plain pictures have the same pixels, whatever made them.
    if (by === 'bytes' || !graph || isGraphOf(ctx, graph, source.json, run.file, run.set))
      return { ...target, remarks: [...target.remarks, ...remarks] };
    strange ??= target;
  }
  const source = graph && (await searchGraph(ctx, graph, noted, choice));
  if (source) {
    const target = found(picture, source, await fitting(ctx, source, {}, graph, choice), 'graph', { graph });
    return { ...target, remarks: [...target.remarks, ...remarks] };
  }
  if (strange)
    return {
      ...strange,
      remarks: [...remarks, 'it carries another workflow than the one of the run that left these pixels'],
    };
  throw unknown(picture, graph, remarks, noted);
}

function found(
  picture: Picture,
  source: Target['source'],
  run: RunNote | undefined,
  by: FoundBy,
  told: { readonly set?: PictureClaim['set']; readonly graph: PictureGraph | undefined },
): Target {
  const { reference } = picture;
  const remarks: string[] = [];
  if (!run) {
    remarks.push('no run that made it is noted: what drifted since then is not known');
    const changes = changesOf(told.set, told.graph?.seeds ?? []);
    return { source, by, changes, references: [reference], remarks };
  }
  // The bytes of what was given are at hand; those of the store may be gone.
  const references = run.outputs.map(
    (one): Reference =>
      one.id === reference.id && reference.path !== undefined ? { ...one, path: reference.path } : one,
  );
  return { source, run, by, changes: changesOf(run.set, run.seeds), references, remarks };
}

/** The finished runs that are noted anywhere, oldest first. */
async function notedRuns(ctx: Context, { run: wanted, file }: TargetChoice): Promise<NotedRun[]> {
  const noted: NotedRun[] = [];
  for await (const { oid, runs } of listRuns(ctx)) {
    for (const run of runs) {
      if (run.kind !== 'finished' || (file !== undefined && run.file !== file)) continue;
      if (wanted === undefined || run.run.startsWith(wanted)) noted.push({ oid, run });
    }
  }
  return noted.sort((a, b) => a.run.time - b.run.time);
}

/** The newest first; those that were to make another one again come last. */
function original(runs: readonly NotedRun[]): NotedRun[] {
  const newest = [...runs].reverse();
  const isOriginal = ({ run }: NotedRun) => run.reproduces === undefined;
  return [...newest.filter(isOriginal), ...newest.filter((one) => !isOriginal(one))];
}

/** The workflow that a picture says it is of, where that is proven; else why not. [RE-3] */
async function claimed(
  ctx: Context,
  { commit, file, set }: PictureClaim,
  graph: PictureGraph | undefined,
  runs: readonly NotedRun[],
): Promise<Target['source'] | string> {
  const source = await orReason(() => committedSource(ctx, commit, file, commit.slice(0, 8)));
  if (typeof source === 'string') return source;
  const isNoted = runs.some(({ oid, run }) => oid === commit && run.file === file);
  if (isNoted || (graph && isGraphOf(ctx, graph, source.json, file, set))) return { ...source, commit };
  return graph ? 'its workflow there is another one' : 'it carries nothing that could prove it';
}

/** The last run of a workflow that had these values and seeds. */
async function fitting(
  ctx: Context,
  { commit, file }: Target['source'],
  set: PictureClaim['set'],
  graph: PictureGraph | undefined,
  { run: wanted }: TargetChoice,
): Promise<RunNote | undefined> {
  const runs = await readRuns(ctx, commit);
  const fits = (run: RunNote) =>
    run.kind === 'finished' &&
    run.file === file &&
    (wanted === undefined || run.run.startsWith(wanted)) &&
    jsonEqual(isObject(run.set) ? run.set : {}, set) &&
    jsonEqual(run.seeds as unknown as Json, (graph?.seeds ?? []) as unknown as Json);
  return runs.findLast((run) => fits(run) && run.reproduces === undefined) ?? runs.findLast(fits);
}

/** The newest commit with a workflow that is what a picture carries; those that have runs first. */
async function searchGraph(
  ctx: Context,
  graph: PictureGraph,
  noted: readonly NotedRun[],
  { file: wanted }: TargetChoice,
): Promise<Target['source'] | undefined> {
  const judged = new Map<string, boolean>();
  const look = async (commit: Oid): Promise<Target['source'] | undefined> => {
    for (const [file, { oid }] of await loadWorkflows(ctx, commit)) {
      if (wanted !== undefined && file !== wanted) continue;
      let fits = judged.get(oid);
      if (fits === undefined) {
        const { body } = await ctx.repo.readObject(oid);
        const json = await orReason(async () => parseFile(body, file));
        fits = typeof json === 'object' && isGraphOf(ctx, graph, json, file);
        judged.set(oid, fits);
      }
      if (fits) return { ...(await committedSource(ctx, commit, file)), commit };
    }
    return undefined;
  };
  for (const { oid } of original(noted)) {
    const source = await orReason(() => look(oid));
    if (typeof source === 'object') return source;
  }
  const head = (await ctx.repo.head()).oid;
  const refs = [...(await ctx.repo.listRefs('refs/heads/')), ...(await ctx.repo.listRefs('refs/remotes/'))];
  for await (const { oid } of ctx.repo.walk([...(head ? [head] : []), ...refs.map((ref) => ref.oid)])) {
    const source = await look(oid);
    if (source) return source;
  }
  return undefined;
}

/** The error for a picture that nothing here made, with what looks like it. [RE-4] */
function unknown(
  { name, reference, embedded }: Picture,
  graph: PictureGraph | undefined,
  remarks: readonly string[],
  noted: readonly NotedRun[],
): CwfError {
  const { dhash } = reference;
  // A workflow that it carries tells more than what it looks like.
  const alike = graph
    ? undefined
    : original(noted).find(({ run }) =>
        run.outputs.some((one) => isHash(dhash) && isHash(one.dhash) && hashDistance(one.dhash, dhash) <= ALIKE),
      );
  const reason = graph
    ? 'no commit here has the workflow that it carries'
    : embedded?.workflow === undefined && embedded?.prompt === undefined
      ? 'it carries no workflow, and no run noted here left these pixels'
      : 'the workflow that it carries cannot be read';
  return new CwfError('PICTURE_UNKNOWN', {
    source: name,
    reason: [reason, ...remarks].join('; '),
    importable: graph !== undefined,
    alike: alike && `run ${alike.run.run.slice(0, 8)} of ${alike.oid.slice(0, 8)}`,
    commit: alike?.oid.slice(0, 8),
    run: alike?.run.run.slice(0, 8),
  });
}

/** A difference hash that tells something: that of every flat picture is zero. */
function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^(?!0*$)[0-9a-f]{16}$/.test(value);
}

/** What was asked for, or in words why it cannot be had. */
async function orReason<T>(make: () => Promise<T>): Promise<T | string> {
  try {
    return await make();
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    return error.message;
  }
}
