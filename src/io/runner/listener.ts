import type { RunEvent, RunOptions } from './runner.ts';

/** Hands events on. */
export interface Listener {
  emit(event: RunEvent): void;
  /** Throws the first error of the listener, once the run is over: no run or socket falls over one. */
  check(): void;
}

/** A listener of events that cannot do harm to the run. */
export function guardedListener(onEvent: RunOptions['onEvent']): Listener {
  let first: { readonly error: unknown } | undefined;
  return {
    emit: (event) => {
      try {
        onEvent?.(event);
      } catch (error) {
        first ??= { error };
      }
    },
    check: () => {
      if (first) throw first.error;
    },
  };
}
