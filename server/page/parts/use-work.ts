import { useState } from 'preact/hooks';

/** Something that takes a while and may fail, as a view shows it. */
export interface Work {
  readonly isBusy: boolean;
  /** Why the last one failed; undefined from the beginning of the next on. */
  readonly error: unknown;
  /** Begins it. Never rejects. */
  start(run: () => Promise<void>): Promise<void>;
  /** Forgets the failure. */
  forget(): void;
}

/** One thing at a time that a view waits for. */
export function useWork(): Work {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const start = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await run();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, start, forget: () => setError(undefined) };
}
