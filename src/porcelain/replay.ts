import { isCwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { isObject, type Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { canonicalJson, joinPointer } from '../base/json-text.ts';
import { editsToPatch } from '../core/edit/compile.ts';
import { describeEdit } from '../core/edit/describe.ts';
import { diffByIds, diffWorkflows } from '../core/edit/diff.ts';
import { applyPatch, type PatchOp, readPatch } from '../core/edit/patch.ts';
import { graphDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { graphDigests } from '../io/repo/stated-changes.ts';
import { parseTrailers, trailerValue } from '../io/repo/trailers.ts';
import type { Commit } from '../io/repo/types.ts';
import { withCatalogOf } from './catalog-store.ts';
import { compareFile } from './changes.ts';
import type { Context } from './context.ts';
import { isRewritten } from './stated.ts';
import { loadWorkflows, rememberDocument, type TreeFile } from './workflows.ts';
import { toDocument } from './worktree.ts';

/** One way in which a commit's message and its snapshots disagree. */
export interface ReplayFault {
  readonly code: 'PATCH_UNREADABLE' | 'PATCH_MISSING' | 'REPLAY_MISMATCH' | 'GRAPH_MISMATCH';
  readonly file: string;
  readonly message: string;
}

/** What replaying one commit gave. `derived`: plain git made it, its patch is whatever its snapshots say. */
export interface Replayed {
  readonly derived: boolean;
  /** Patches, digests and whole files that gave their snapshot. */
  readonly replayed: number;
  readonly faults: readonly ReplayFault[];
  /** Why faults are no damage: git rewrote the commit, or it was made with other node definitions. */
  readonly excuse?: 'rewritten' | 'other-catalog';
}

type Files = ReadonlyMap<string, TreeFile>;

/** What a `Cwf-Patch` states about one file. */
type Stated =
  | { readonly kind: 'added'; readonly file: string }
  | { readonly kind: 'removed'; readonly file: string }
  | { readonly kind: 'patch'; readonly file: string; readonly patch: PatchOp[] }
  | { readonly kind: 'digest'; readonly file: string; readonly sha256: string };

/** Applies what a commit states to the documents of its first parent and compares with its snapshots. [RP-12] */
export async function replayCommit(here: Context, commit: Commit): Promise<Replayed> {
  const trailers = parseTrailers(commit.message);
  if (trailerValue(trailers, 'Cwf-Op') === undefined) return { derived: true, replayed: 0, faults: [] };
  const catalog = trailerValue(trailers, 'Cwf-Catalog');
  const own = catalog === undefined ? undefined : await withCatalogOf(here, catalog);
  const ctx = own ?? here;
  const before = await loadWorkflows(ctx, commit.parents[0]);
  const after = await loadWorkflows(ctx, commit.tree);
  const faults: ReplayFault[] = [];
  const stated = new Set<string>();
  let replayed = 0;
  for (const { key, value } of trailers) {
    if (key !== 'Cwf-Patch') continue;
    const one = readStated(value);
    if (one === undefined) {
      faults.push({ code: 'PATCH_UNREADABLE', file: '', message: 'its Cwf-Patch cannot be read' });
      continue;
    }
    stated.add(one.file);
    const reason = await faultOf(ctx, one, before, after);
    if (reason === undefined) replayed++;
    else faults.push({ code: 'REPLAY_MISMATCH', file: one.file, message: reason });
  }
  faults.push(...(await unstated(before, after, stated)));
  for (const [file, digest] of graphDigests(trailers)) {
    const workflow = await after.get(file)?.workflow();
    if (workflow !== undefined && graphDigest(workflow) === digest) continue;
    faults.push({ code: 'GRAPH_MISMATCH', file, message: 'its Cwf-Graph is not the digest of its graph' });
  }
  const excuse = isRewritten(commit) ? 'rewritten' : own === undefined ? 'other-catalog' : undefined;
  return { derived: false, replayed, faults, ...(excuse === undefined ? {} : { excuse }) };
}

function readStated(text: string): Stated | undefined {
  try {
    const json = parseJson(text, { source: 'Cwf-Patch' });
    if (!isObject(json) || typeof json.file !== 'string') return undefined;
    const { file } = json;
    if (json.added === true) return { kind: 'added', file };
    if (json.removed === true) return { kind: 'removed', file };
    if (typeof json.sha256 === 'string') return { kind: 'digest', file, sha256: json.sha256 };
    return json.patch === undefined ? undefined : { kind: 'patch', file, patch: readPatch(json.patch) };
  } catch (error) {
    if (isCwfError(error)) return undefined;
    throw error;
  }
}

/** Why a statement is not true, in words; undefined when it is. */
async function faultOf(ctx: Context, stated: Stated, before: Files, after: Files): Promise<string | undefined> {
  const old = await before.get(stated.file)?.workflow();
  const now = after.get(stated.file);
  if (stated.kind === 'added') {
    if (old !== undefined) return 'its message says it is new, and the parent has it';
    return (await now?.workflow()) === undefined ? 'its message says it is new, and it is not there' : undefined;
  }
  if (old === undefined) return 'its message says what changed, and the parent has no such workflow';
  if (stated.kind === 'removed')
    return (await now?.workflow()) === undefined ? undefined : 'its message says it is removed, and it is there';
  if (now === undefined) return 'its message says what changed, and the file is not there';
  if (stated.kind === 'digest') {
    const workflow = await now.workflow();
    // By matched nodes, and as commits made before nodes were matched have it: by ids alone.
    const diffs = workflow ? [() => diffWorkflows(old, workflow), () => diffByIds(old, workflow)] : [];
    const isStated = diffs.some(
      (diff) => sha256(canonicalJson(editsToPatch(diff(), old) as unknown as Json)) === stated.sha256,
    );
    return isStated ? undefined : 'the digest of its patch is another';
  }
  return patchFault(ctx, stated.patch, old, now);
}

async function patchFault(ctx: Context, patch: PatchOp[], old: Workflow, now: TreeFile): Promise<string | undefined> {
  let replayed: Workflow;
  try {
    replayed = applyPatch(old, patch);
  } catch (error) {
    if (isCwfError(error)) return `its patch does not apply: ${error.message}`;
    throw error;
  }
  const document = toDocument(replayed);
  if (document.oid === now.oid) {
    // The next commit starts from here: no need to read it again.
    rememberDocument(ctx, document);
    return undefined;
  }
  const workflow = await now.workflow();
  if (workflow === undefined) return 'its snapshot is no workflow';
  const [first] = diffWorkflows(replayed, workflow);
  // Plain git may have stored the same document in another layout.
  if (first === undefined) return undefined;
  return `its patch does not give its snapshot, first at ${joinPointer(first.path)}: ${describeEdit(first, replayed, workflow)}`;
}

/** Workflows that changed without a word of it in the message. */
async function unstated(before: Files, after: Files, stated: ReadonlySet<string>): Promise<ReplayFault[]> {
  const faults: ReplayFault[] = [];
  for (const file of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(file), after.get(file)];
    if (stated.has(file) || a?.oid === b?.oid) continue;
    if (compareFile(file, await a?.workflow(), await b?.workflow()) === undefined) continue;
    faults.push({ code: 'PATCH_MISSING', file, message: 'it changed, and the message does not say how' });
  }
  return faults;
}
