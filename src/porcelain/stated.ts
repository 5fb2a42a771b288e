import type { Commit } from '../io/repo/types.ts';

/** What a commit message says became of one file. `digest`: its patch says nothing about places. */
export type StatedChange =
  | { readonly kind: 'patch'; readonly pointers: readonly string[] }
  | { readonly kind: 'added' | 'removed' | 'digest' };

/** What a commit of cwf says it changed, relative to its first parent. */
export interface Stated {
  readonly files: ReadonlyMap<string, StatedChange>;
}

const PATCH = 'Cwf-Patch: ';

/**
 * Reads what a commit says about itself, without its snapshots. Undefined when it says nothing that holds: plain git
 * made it, or rewrote it (amend, rebase, cherry-pick keep the message, but not what it is about).
 */
export function readStated(commit: Commit): Stated | undefined {
  if (isRewritten(commit)) return undefined;
  const lines = lastParagraph(commit.message);
  if (!lines.some((line) => line.startsWith('Cwf-Op: '))) return undefined;
  const files = new Map<string, StatedChange>();
  for (const line of lines) {
    if (!line.startsWith(PATCH)) continue;
    const stated = parse(line.slice(PATCH.length));
    if (stated === undefined) return undefined;
    files.set(stated.file, stated.change);
  }
  return { files };
}

/** Whether git rewrote a commit: it keeps the author's date and takes a new one for the committer. */
export function isRewritten({ author, committer, message }: Commit): boolean {
  return author.timestamp !== committer.timestamp && !/^Cwf-Op: cherry-pick$/m.test(message);
}

function lastParagraph(message: string): string[] {
  const text = message.trimEnd();
  return text.slice(text.lastIndexOf('\n\n') + 2).split('\n');
}

function parse(text: string): { file: string; change: StatedChange } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { file, patch, added, removed } = (value ?? {}) as Record<string, unknown>;
  if (typeof file !== 'string') return undefined;
  if (added === true) return { file, change: { kind: 'added' } };
  if (removed === true) return { file, change: { kind: 'removed' } };
  if (!Array.isArray(patch)) return patch === undefined ? { file, change: { kind: 'digest' } } : undefined;
  const pointers: string[] = [];
  for (const one of patch as unknown[]) {
    const { op, path, ...more } = (one ?? {}) as Record<string, unknown>;
    if (!isOp({ op, path, ...more })) return undefined;
    if (op === 'test') continue;
    // New ids, or nodes that may have gone into a subgraph: only the snapshots tell which place was which.
    if (op === 'move' || /^\/subgraphs\/[^/]*$/.test(String(path))) return { file, change: { kind: 'digest' } };
    for (const pointer of [path, more['from']]) if (typeof pointer === 'string') pointers.push(pointer);
  }
  return { file, change: { kind: 'patch', pointers } };
}

/** Whether an op could be one of ours: where a message cannot be meant, its snapshots are asked. `fsck` reads in full. */
function isOp({ op, path, from }: Record<string, unknown>): boolean {
  const isPlace = (pointer: unknown): boolean =>
    typeof pointer === 'string' &&
    pointer.startsWith('/') &&
    !/\/(__proto__|constructor|prototype)(\/|$)/.test(pointer);
  if (typeof op !== 'string' || !isPlace(path)) return false;
  return op === 'move' || op === 'copy' ? isPlace(from) : ['add', 'remove', 'replace', 'test'].includes(op);
}
