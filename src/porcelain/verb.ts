import type { Context } from './context.ts';
import type { TokenScope } from './token-scope.ts';

/**
 * One user-facing verb. Input and output are plain JSON-able values, so that every door (command line, HTTP, MCP) can
 * carry them; a verb with `mutates` writes only inside `ctx.repo.transaction`, once per call.
 */
export interface Verb<I, O> {
  readonly name: string;
  readonly summary: string;
  readonly mutates: boolean;
  /** Writes or drops files outside of a transaction: for a door that is a change, too. */
  readonly writes?: true;
  /** With an empty input it only lists. */
  readonly lists?: true;
  /** Its input takes a `report` that is called with each step. */
  readonly reports?: true;
  /** Takes as long as a workflow runs: a door lets nobody wait for it. */
  readonly long?: true;
  /** Takes no `dryRun`: its dry run is a run in the context of `dry-run.ts`. */
  readonly drops?: true;
  /** Starts programs that its input names: no door but the command line has it. */
  readonly local?: true;
  /** What a caller must be allowed to; by default `write` where it changes something, else `read`. */
  readonly scope?: TokenScope;
  run(ctx: Context, input: I): Promise<O>;
}

/** Returns the declaration as it is; gives `run` the types of its input and output. */
export function defineVerb<I, O>(verb: Verb<I, O>): Verb<I, O> {
  return verb;
}

/** Whether a call of the verb may leave anything behind. */
export function changes(verb: Pick<Verb<never, never>, 'mutates' | 'writes'>): boolean {
  return verb.mutates || verb.writes === true;
}

/** What a caller of the verb must be allowed to. */
export function scopeOf(verb: Pick<Verb<never, never>, 'mutates' | 'writes' | 'scope'>): TokenScope {
  return verb.scope ?? (changes(verb) ? 'write' : 'read');
}
