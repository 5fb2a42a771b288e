import { CwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { Json } from '../base/json.ts';
import { canonicalJson, jsonEqual } from '../base/json-text.ts';
import { editsToPatch } from '../core/edit/compile.ts';
import { applyPatch } from '../core/edit/patch.ts';
import { summarizeEdits } from '../core/edit/tell.ts';
import { graphDigest } from '../core/workflow/digest.ts';
import { formatMessage, type Trailer } from '../io/repo/trailers.ts';
import type { Actor } from './actor.ts';
import type { Change } from './changes.ts';

/** What kind of commit it is, as `Cwf-Op` says. */
export type CommitOp =
  | 'commit'
  | 'set'
  | 'edit'
  | 'merge'
  | 'revert'
  | 'cherry-pick'
  | 'import'
  | 'restore'
  | 'repair'
  | 'trial';

/** What a commit message is made of. */
export interface MessageParts {
  readonly op: CommitOp;
  readonly actor: Actor;
  readonly catalogHash: string;
  /** Relative to the first parent. */
  readonly changes: readonly Change[];
  /** The user's own words: the first line is the subject. Made from the changes when absent. */
  readonly message?: string;
  /** Why; follows as a paragraph of its own. */
  readonly reason?: string;
  /** More trailers, before `Cwf-Patch`. */
  readonly trailers?: readonly Trailer[];
}

/** Longer patches are named by their digest; the snapshot in the tree stands for them. */
const MAX_PATCH = 8 * 1024;
const MAX_SUBJECT = 100;
/** Names of several files stand in the subject while they are this short together. */
const MAX_NAMES = 50;

/**
 * Builds a commit message with its trailers. Every patch is applied to the parent's document and must give the new one
 * exactly, else BUG is thrown: a commit whose patch lies is worse than none. Throws MESSAGE_INVALID.
 */
export function commitMessage(parts: MessageParts): string {
  const [subject, body] = splitMessage(parts.message ?? '');
  const text = [body, parts.reason?.trim()].filter((part) => part).join('\n\n');
  return formatMessage(subject || makeSubject(parts.changes), text || undefined, [
    { key: 'Cwf-Op', value: parts.op },
    { key: 'Cwf-Actor', value: parts.actor },
    ...(parts.trailers ?? []),
    ...parts.changes.flatMap((change) => patchTrailers(change)),
    ...parts.changes.flatMap(graphTrailer),
    { key: 'Cwf-Catalog', value: parts.catalogHash },
  ]);
}

/** The subject for changes nobody described: the edits of one file, else which files were added, changed and removed. */
export function makeSubject(changes: readonly Change[]): string {
  const [first] = changes;
  if (changes.length === 1 && first?.kind === 'changed')
    return cut(asSentence(summarizeEdits(first.edits, first.before!, first.after!)));
  if (changes.length === 1 && first?.kind === 'renamed') return cut(oneLine(`Rename ${first.from} to ${first.file}`));
  const verbs = [
    ['Add', 'added'],
    ['Change', 'changed'],
    ['Rename', 'renamed'],
    ['Remove', 'removed'],
  ] as const;
  const groups = verbs
    .map(([verb, kind]) => ({ verb, files: changes.filter((change) => change.kind === kind).map(({ file }) => file) }))
    .filter(({ files }) => files.length > 0);
  const name = ({ verb, files }: (typeof groups)[number]): string =>
    files.length === 1 || files.join(', ').length <= MAX_NAMES
      ? `${verb} ${files.map(oneLine).join(', ')}`
      : `${verb} ${files.length} workflows`;
  return cut(groups.map((group, i) => (i === 0 ? name(group) : lowerFirst(name(group)))).join('; '));
}

/** Divides a message at its first line. */
export function splitMessage(message: string): [subject: string, body: string] {
  const text = message.replace(/\r\n?/g, '\n').trim();
  const end = text.indexOf('\n');
  return end < 0 ? [text, ''] : [text.slice(0, end).trim(), text.slice(end + 1).trim()];
}

function patchTrailers(change: Change): Trailer[] {
  const trailer = (value: Json): Trailer => ({ key: 'Cwf-Patch', value: canonicalJson(value) });
  const { file, kind, before, after } = change;
  if (kind === 'added') return [trailer({ file, added: true })];
  if (kind === 'removed') return [trailer({ file, removed: true })];
  if (kind === 'renamed') return [trailer({ file: change.from!, removed: true }), trailer({ file, added: true })];
  const patch = editsToPatch(change.edits, before!);
  if (!jsonEqual(applyPatch(before!, patch) as unknown as Json, after as unknown as Json)) {
    throw new CwfError('BUG', { what: `the patch of ${file} does not give its new version` });
  }
  const text = canonicalJson(patch as unknown as Json);
  const long = Buffer.byteLength(text) > MAX_PATCH;
  return [trailer(long ? { file, sha256: sha256(text) } : { file, patch: patch as unknown as Json })];
}

function graphTrailer({ file, after }: Change): Trailer[] {
  return after === undefined ? [] : [{ key: 'Cwf-Graph', value: `${graphDigest(after)} ${trailerFile(file)}` }];
}

/** A name that would not survive as the end of a line is written as a JSON string. */
function trailerFile(file: string): string {
  return /^["\s]|\s$|[\u0000-\u001f\u007f]/.test(file) ? JSON.stringify(file) : file;
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, '?');
}

function cut(subject: string): string {
  const line = oneLine(subject);
  return line.length <= MAX_SUBJECT ? line : `${line.slice(0, MAX_SUBJECT - 3).replace(/\p{Surrogate}/gu, '')}...`;
}

/** A node that came or went has a sign in lists; a subject says it in a word. */
function asSentence(text: string): string {
  return text.replace(/^([+-]) /, (_, sign) => (sign === '+' ? 'Add ' : 'Remove '));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
