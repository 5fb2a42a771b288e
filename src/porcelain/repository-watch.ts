import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { mayBePending } from '../io/repo/journal.ts';
import type { Operation } from '../io/repo/types.ts';
import type { Context } from './context.ts';

/** What happened in a repository, whoever did it: cwf anywhere, or plain git. */
export type RepositoryEvent =
  | { readonly kind: 'head'; readonly branch: string | null; readonly head: string | null }
  | { readonly kind: 'refs'; readonly refs: readonly RefMove[] }
  | { readonly kind: 'operation'; readonly operation: Operation };

/** A ref that stands elsewhere than before; null is "does not exist". */
export interface RefMove {
  readonly ref: string;
  readonly old: string | null;
  readonly new: string | null;
}

/** A repository that is looked at. */
export interface RepositoryWatch {
  /** Looks now, and tells what is new before it resolves. */
  look(): Promise<void>;
  /** The newest operation that was told or was there at the beginning. */
  readonly operation: string | undefined;
  close(): void;
}

interface State {
  readonly head: string | null;
  readonly branch: string | null;
  readonly refs: ReadonlyMap<string, string>;
  readonly operation: string | undefined;
}

/** Refs that tell what people look at; those of trials and of the log itself are thousands, and move with operations. */
const WATCHED = ['refs/heads/', 'refs/tags/', 'refs/remotes/', 'refs/notes/cwf/', 'refs/cwf/proposal/'];
/** What the system does not tell of (other file systems, folders below) is found after this. */
const EVERY_MS = 2000;
const SETTLED_MS = 20;
/** How often and how long a transaction that is under way is waited for. */
const ATTEMPTS = 6;
const PAUSE_MS = 10;
/** Operations told one by one; of more, only the last. */
const MOST_TOLD = 200;

/**
 * Watches refs and the operation log of a repository. The system's notices only make it look sooner: what it tells is
 * always the difference between two looks, so nothing is told that is not so, and nothing is missed for long.
 */
export async function watchRepository(
  ctx: Pick<Context, 'repo'>,
  onEvent: (event: RepositoryEvent) => void,
): Promise<RepositoryWatch> {
  let state = await stateOf(ctx);
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const next = await stateOf(ctx);
    const before = state;
    state = next;
    for (const event of await eventsBetween(ctx, before, next)) onEvent(event);
  };
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  // A look that fails, in a repository that is being moved away, is made again at the next turn.
  const lookQuietly = (): void => void lookOnce().catch(() => undefined);
  const timer = setInterval(lookQuietly, EVERY_MS);
  timer.unref();
  let settling: NodeJS.Timeout | undefined;
  const nudge = (): void => {
    settling ??= globalThis.setTimeout(() => {
      settling = undefined;
      lookQuietly();
    }, SETTLED_MS);
  };
  const { gitDir, cwfDir } = ctx.repo;
  const watchers = [gitDir, cwfDir, join(gitDir, 'refs/heads')].flatMap((folder) => watchFolder(folder, nudge));
  return {
    look: async () => {
      await looking;
      await lookOnce();
    },
    get operation() {
      return state.operation;
    },
    close() {
      clearInterval(timer);
      clearTimeout(settling);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** The operations after one, oldest first; undefined where that one is too far back or unknown. */
export async function operationsSince(
  ctx: Pick<Context, 'repo'>,
  id: string | undefined,
): Promise<readonly Operation[] | undefined> {
  const found: Operation[] = [];
  for await (const operation of ctx.repo.operations(MOST_TOLD + 1)) {
    if (operation.id === id) return found.reverse();
    found.push(operation);
  }
  return id === undefined && found.length <= MOST_TOLD ? found.reverse() : undefined;
}

/**
 * Where everything stands between two transactions: one that is under way has moved refs, and is not in the log yet.
 * What a process left that died in the middle of one is told as it is.
 */
async function stateOf({ repo }: Pick<Context, 'repo'>): Promise<State> {
  for (let attempt = 1; ; attempt++) {
    const before = await newestOperation(repo);
    const { branch = null, oid = null } = await repo.head();
    const refs = new Map<string, string>();
    for (const prefix of WATCHED) for (const { ref, oid } of await repo.listRefs(prefix)) refs.set(ref, oid);
    const operation = await newestOperation(repo);
    const isBetween = operation === before && !mayBePending(repo);
    if (isBetween || attempt === ATTEMPTS) return { head: oid, branch, refs, operation };
    await setTimeout(PAUSE_MS);
  }
}

async function newestOperation(repo: Context['repo']): Promise<string | undefined> {
  for await (const { id } of repo.operations(1)) return id;
  return undefined;
}

async function eventsBetween(ctx: Pick<Context, 'repo'>, a: State, b: State): Promise<RepositoryEvent[]> {
  const events: RepositoryEvent[] = [];
  if (a.operation !== b.operation) {
    const since = (await operationsSince(ctx, a.operation)) ?? [];
    for (const operation of since) events.push({ kind: 'operation', operation });
  }
  const names = new Set([...a.refs.keys(), ...b.refs.keys()]);
  const refs = [...names].flatMap((ref) => {
    const [old, now] = [a.refs.get(ref) ?? null, b.refs.get(ref) ?? null];
    return old === now ? [] : [{ ref, old, new: now }];
  });
  if (refs.length > 0) events.push({ kind: 'refs', refs });
  if (a.head !== b.head || a.branch !== b.branch) events.push({ kind: 'head', branch: b.branch, head: b.head });
  return events;
}

function watchFolder(folder: string, nudge: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, nudge);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    // No folder, or no more watches to be had: the clock does it.
    return [];
  }
}
