import { useEffect, useState } from 'preact/hooks';
import { useChange } from './events.ts';

/** Something that is being loaded. What was there stays while it is loaded anew. */
export interface Loaded<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly isLoading: boolean;
  reload(): void;
}

/**
 * Loads with `load` whenever one of `keys` changes, and again when the repository does (`follow`). A load that is no longer
 * wanted is aborted by its signal, and what it brings is dropped.
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  keys: readonly unknown[],
  { follow = true }: { readonly follow?: boolean } = {},
): Loaded<T> {
  const [state, setState] = useState<State<T>>({ keys, isLoading: true });
  const [turn, setTurn] = useState(0);
  const change = useChange();
  useEffect(() => {
    const aborter = new AbortController();
    setState((before) => (isSame(before.keys, keys) ? { ...before, isLoading: true } : { keys, isLoading: true }));
    load(aborter.signal).then(
      (value) => !aborter.signal.aborted && setState({ keys, value, isLoading: false }),
      (error) => !aborter.signal.aborted && setState((before) => ({ ...before, error, isLoading: false })),
    );
    return () => aborter.abort();
  }, [...keys, turn, follow ? change : 0]);
  const reload = (): void => setTurn((n) => n + 1);
  // What was loaded for other keys is never shown for these, not for one frame.
  if (!isSame(state.keys, keys)) return { isLoading: true, reload };
  const { keys: _, ...loaded } = state;
  return { ...loaded, reload };
}

interface State<T> extends Omit<Loaded<T>, 'reload'> {
  /** What it was loaded for. */
  readonly keys: readonly unknown[];
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => Object.is(one, b[i]));
}
