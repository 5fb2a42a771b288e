import { CwfError, isCwfError } from '../base/errors.ts';
import { type Catalog, defaultCatalog } from '../core/catalog/catalog.ts';
import type { Remark } from '../core/convert/remarks.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { type Change, compareFile } from './changes.ts';
import { convertDocument } from './convert.ts';
import { type ChangedFile, type DiffView, viewOf } from './diff-view.ts';
import { type Candidate, type DocumentWorld, isFile, type Part, readCandidates } from './document.ts';
import { parseFile } from './json-file.ts';
import { splitRevFile } from './workflows.ts';

/** Two documents as people name them, and how the difference is wanted. */
export interface DiffDocumentsInput {
  /** Each a file, `<rev>:<path>`, or `-`. */
  readonly words: readonly [string, string];
  readonly view?: DiffView;
}

/** One of the two documents. */
export interface DocumentFacts {
  readonly name: string;
  /** What holds it: JSON or the type of the image. */
  readonly type: string;
  /** Which of the two texts of an image was read. */
  readonly part?: 'workflow' | 'prompt';
  /** The format it was compared in. */
  readonly format: Workflow['format'];
  /** Whether it had to be converted to that format. */
  readonly converted: boolean;
  /** What the conversion had to say. */
  readonly remarks: readonly Remark[];
}

/** The difference; `files` holds one entry, under the name of the second, or none where nothing differs. */
export interface DiffDocumentsOutput {
  readonly a: DocumentFacts;
  readonly b: DocumentFacts;
  readonly files: readonly ChangedFile[];
  /** The picture, where the view is one. */
  readonly picture?: string;
  /** Whether anything but presentation differs. */
  readonly graphChanged: boolean;
}

/** Endings that say of a word that it names a document, be it there or not. */
const ENDINGS = /\.(json|png|webp|jpe?g|avif|gif|mp4|m4v|mov|mkv|webm|mp3|m4a|flac|ogg|opus|wav)$/i;
const SIDES = { a: 'first', b: 'second' } as const;

/**
 * Whether words name two documents to be compared with each other, and are no revisions and files to limit to: there are
 * two, and each is `-`, `<rev>:<path>`, a name that ends like a workflow, image, video or sound, or the path of a file
 * that says so by its start (`./`, `../`, `/`). [DF-1]
 */
export function nameDocuments(words: readonly string[], cwd: string): words is readonly [string, string] {
  return words.length === 2 && words.every((word) => namesDocument(word, cwd));
}

function namesDocument(word: string, cwd: string): boolean {
  if (word === '-' || isFile(word, cwd)) return word === '-' || ENDINGS.test(word) || /^\.{0,2}[/\\]/.test(word);
  // `main..side.json` is a range of branches.
  if (/\.\./.test(word.replace(/^(\.\.?[/\\])+/, ''))) return false;
  return ENDINGS.test(word) || splitRevFile(word) !== undefined;
}

/**
 * `cwf diff <a> <b>` for two documents. Where both have a saved graph those are compared, else the prompts; a graph that
 * meets a prompt is converted. [DF-2] Throws what reading and converting throw, with `side` in the data, and USAGE for
 * stdin on both sides.
 */
export async function diffDocuments(
  { words, view }: DiffDocumentsInput,
  world: DocumentWorld,
): Promise<DiffDocumentsOutput> {
  if (words[0] === '-' && words[1] === '-')
    throw new CwfError('USAGE', { command: 'diff', reason: 'stdin holds one document, and stands for both' });
  const catalog = defaultCatalog();
  const a = await onSide('a', words[0], () => readCandidates(words[0], world));
  const b = await onSide('b', words[1], () => readCandidates(words[1], world));
  const inBoth = (part: Part): boolean => a.some((one) => one.part === part) && b.some((one) => one.part === part);
  const part = inBoth('workflow') ? 'workflow' : inBoth('prompt') ? 'prompt' : undefined;
  const [one, other] = [choose(a, part), choose(b, part)];
  const [before, after] = [
    await onSide('a', words[0], async () => load(one, catalog)),
    await onSide('b', words[1], async () => load(other, catalog)),
  ];
  const mixed = before.format !== after.format;
  const now = new Date(world.now());
  const left = await onSide('a', words[0], async () => settle(one, before, mixed, catalog, now));
  const right = await onSide('b', words[1], async () => settle(other, after, mixed, catalog, now));
  const found = compareFile(words[1], left.workflow, right.workflow);
  const changes: Change[] = found ? [found] : [];
  const seen = viewOf(changes, view, { from: words[0], to: words[1] }, catalog);
  return {
    a: left.facts,
    b: right.facts,
    ...seen,
    graphChanged: seen.files.some(({ graph }) => graph > 0),
  };
}

/** The part both sides have, or what there is. */
function choose(candidates: readonly Candidate[], part: Part | undefined): Candidate {
  return candidates.find((one) => one.part === part) ?? candidates[0]!;
}

function load({ source, json }: Candidate, catalog: Catalog): Workflow {
  return readWorkflow(json(), { catalog, source });
}

/** A side as it is compared: as it was read, or as its prompt where the other is one. */
function settle(
  { name, source, type, part, json }: Candidate,
  workflow: Workflow,
  mixed: boolean,
  catalog: Catalog,
  now: Date,
): { workflow: Workflow; facts: DocumentFacts } {
  const remarks: Remark[] = [];
  const converted = mixed && workflow.format === 'ui';
  const facts: Omit<DocumentFacts, 'format'> = { name, type, ...(type === 'JSON' ? {} : { part }), converted, remarks };
  if (!converted) return { workflow, facts: { ...facts, format: workflow.format } };
  const { document } = convertDocument(json(), source, { to: 'api', catalog, now }, remarks);
  // By its text: numbers are then read as those of the other side.
  const prompt = readWorkflow(parseFile(Buffer.from(JSON.stringify(document)), source), { catalog, source });
  return { workflow: prompt, facts: { ...facts, format: 'api' } };
}

/** Names the side in what reading it throws: the two may have one name. */
async function onSide<T>(side: 'a' | 'b', word: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isCwfError(error) || error.kind === 'bug') throw error;
    const asPath = isCwfError(error, 'FILE_NOT_FOUND') && word !== '-' && splitRevFile(word) === undefined;
    const hint = `${error.hint} It is the ${SIDES[side]} of the two documents.`;
    const other = asPath ? ' To see what became of files since the last commit: `cwf diff -- <files>`.' : '';
    throw new CwfError(error.code, { ...error.data, side }, { cause: error, hint: `${hint}${other}` });
  }
}
