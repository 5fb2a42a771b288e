import type { ComponentChildren } from 'preact';
import { Problem } from '../api.ts';
import type { Loaded } from '../load.ts';

/** What was loaded, or that it is not there yet, or why it never will be. */
export function Shown<T>({
  what,
  of: { value, error, isLoading, reload },
  children,
}: {
  /** What it is, for whoever waits. */
  readonly what: string;
  readonly of: Loaded<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  return (
    <>
      {error !== undefined && <Trouble error={error} again={reload} />}
      {value === undefined && error === undefined && isLoading && <p class="quiet">{what}: loading…</p>}
      {value !== undefined && children(value)}
    </>
  );
}

/** Something that did not work: what, and what to do about it. */
export function Trouble({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const problem = error instanceof Problem ? error : undefined;
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>{error instanceof Error ? error.message : String(error)}</strong>
        {problem?.code && <code class="code">{problem.code}</code>}
      </p>
      {problem?.hint && <p>{problem.hint}</p>}
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
