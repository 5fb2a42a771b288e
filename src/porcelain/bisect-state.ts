import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { parseJson } from '../base/json-parse.ts';
import { writeAll } from '../io/repo/objects.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';

/** What a commit is to a bisection. */
export type Mark = 'bad' | 'good' | 'skip';

/** One thing the user, or a command, said. */
export interface MarkEntry {
  readonly mark: Mark;
  readonly oid: Oid;
  readonly subject: string;
}

/** A working file that holds a candidate for a moment: the blob of what it held (null: nothing), and of what it holds. */
export interface Scratch {
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** A bisection under way, as `.git/cwf/bisect.json` keeps it. */
export interface BisectState {
  readonly version: 1;
  /** Where HEAD stood before: a branch (full name), or a commit alone. */
  readonly origin: { readonly branch?: string; readonly oid: Oid };
  readonly marks: readonly MarkEntry[];
  /** Files that `--within` has changed and will put back; a killed process leaves it to `reset`. */
  readonly scratch?: Readonly<Record<string, Scratch>>;
}

/** The bisection under way. Throws BISECT_NONE. */
export function readBisect(ctx: Context): BisectState {
  const state = findBisect(ctx);
  if (state === undefined) throw new CwfError('BISECT_NONE');
  return state;
}

/** The bisection under way, if there is one; a file that is damaged counts as none. */
export function findBisect(ctx: Context): BisectState | undefined {
  try {
    const state = parseJson(readFileSync(statePath(ctx)), { source: 'bisect.json' }) as unknown as BisectState;
    return state.version === 1 && Array.isArray(state.marks) && typeof state.origin?.oid === 'string'
      ? state
      : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the state; the file is replaced as a whole. */
export function writeBisect(ctx: Context, state: BisectState): void {
  if (ctx.dryRun) return;
  const path = statePath(ctx);
  const temporary = `${path}.${process.pid}.tmp`;
  writeAll(temporary, Buffer.from(`${JSON.stringify(state, null, 1)}\n`), ctx.repo.durability === 'durable');
  renameSync(temporary, path);
}

/** Ends the bisection. */
export function clearBisect(ctx: Context): void {
  if (!ctx.dryRun) rmSync(statePath(ctx), { force: true });
}

/** The latest bad commit, and every good and skipped one. */
export function verdicts({ marks }: BisectState): { bad?: Oid; good: Oid[]; skip: Oid[] } {
  const of = (wanted: Mark): Oid[] => [...new Set(marks.filter(({ mark }) => mark === wanted).map(({ oid }) => oid))];
  const bad = of('bad').at(-1);
  return { ...(bad === undefined ? {} : { bad }), good: of('good'), skip: of('skip') };
}

function statePath(ctx: Context): string {
  return join(ctx.repo.cwfDir, 'bisect.json');
}
