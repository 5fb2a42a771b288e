import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

/** What the page knows of the repository as a whole. */
export interface Standing {
  /** Grows with every change of the repository, whoever made it. */
  readonly change: number;
  /** The commit that HEAD is on; null before the first one. */
  readonly head: string | null;
  /** The branch that HEAD is on; null where it is on none. */
  readonly branch: string | null;
  readonly isOnline: boolean;
}

const NOTHING: Standing = { change: 0, head: null, branch: null, isOnline: true };

/** Given by the shell to all views. */
export const StandingContext = createContext<Standing>(NOTHING);

/** A number that grows with every change of the repository. */
export function useChange(): number {
  return useContext(StandingContext).change;
}

/** The commit that HEAD is on, to be sent with changes as what the page shows. */
export function useHead(): string | undefined {
  return useContext(StandingContext).head ?? undefined;
}

/** Changes within so many milliseconds are one. */
const TOGETHER_MS = 150;

/** Listens to `/api/events` and tells how the repository stands. The browser opens the stream again by itself. */
export function useStanding(): Standing {
  const [standing, setStanding] = useState<Standing>(NOTHING);
  useEffect(() => {
    const source = new EventSource('/api/events');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setStanding((before) => ({ ...before, change: before.change + 1 }));
      }, TOGETHER_MS);
    };
    source.onopen = () => setStanding((before) => ({ ...before, isOnline: true }));
    source.onerror = () => setStanding((before) => ({ ...before, isOnline: false }));
    source.addEventListener('head', (event) => {
      const { head, branch } = JSON.parse(event.data) as Pick<Standing, 'head' | 'branch'>;
      setStanding((before) => ({ ...before, head, branch }));
      changed();
    });
    for (const kind of ['operation', 'refs', 'resync']) source.addEventListener(kind, changed);
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, []);
  return standing;
}

/** Listens to a stream of one task or study until it ends; `on` is given the kind and the data of each event. */
export function listen(path: string, kinds: readonly string[], on: (kind: string, data: unknown) => void): () => void {
  const source = new EventSource(path);
  for (const kind of kinds)
    source.addEventListener(kind, (event) => {
      if (kind === 'done' || kind === 'failed') source.close();
      on(kind, JSON.parse(event.data));
    });
  return () => source.close();
}
