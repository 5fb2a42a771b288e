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
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({ isLoading: true });
  const [turn, setTurn] = useState(0);
  const change = useChange();
  useEffect(() => setState({ isLoading: true }), keys);
  useEffect(() => {
    const aborter = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    load(aborter.signal).then(
      (value) => !aborter.signal.aborted && setState({ value, isLoading: false }),
      (error) => !aborter.signal.aborted && setState((before) => ({ ...before, error, isLoading: false })),
    );
    return () => aborter.abort();
  }, [...keys, turn, follow ? change : 0]);
  return { ...state, reload: () => setTurn((n) => n + 1) };
}
