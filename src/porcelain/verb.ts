import type { Context } from './context.ts';

/**
 * One user-facing verb. Input and output are plain JSON-able values, so that every door (command line, HTTP, MCP) can
 * carry them; a verb with `mutates` writes only inside `ctx.repo.transaction`, once per call.
 */
export interface Verb<I, O> {
  readonly name: string;
  readonly summary: string;
  readonly mutates: boolean;
  run(ctx: Context, input: I): Promise<O>;
}

/** Returns the declaration as it is; gives `run` the types of its input and output. */
export function defineVerb<I, O>(verb: Verb<I, O>): Verb<I, O> {
  return verb;
}
