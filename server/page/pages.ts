import { useEffect, useRef, useState } from 'preact/hooks';
import { useChange } from './events.ts';

/** A list as far as it was read, and where it goes on. */
export interface Part<T, C> {
  readonly items: readonly T[];
  /** Absent at the end of the list. */
  readonly next?: C | undefined;
}

/** A long list that is read page by page. */
export interface Pages<T> {
  readonly items: readonly T[];
  readonly isWhole: boolean;
  readonly isLoading: boolean;
  readonly error?: unknown;
  /** Reads on. */
  more(): void;
  reload(): void;
}

/** Items of a page, and of one when a list that was read far is read anew. */
const PAGE = 200;
const AGAIN = 1000;
const NONE: readonly never[] = [];

/**
 * Reads a list with `load`, from the beginning whenever `key` changes. When the repository does, the first page is read and
 * shown at once with what of the old list still follows it, as `join` tells; then the rest is read anew as far as it was
 * read, so that whoever scrolled far down stays there.
 */
export function usePages<T, C>(
  key: string,
  load: (limit: number, from: C | undefined, signal: AbortSignal) => Promise<Part<T, C>>,
  join: (before: Part<T, C>, first: Part<T, C>) => Part<T, C> | undefined,
): Pages<T> {
  const change = useChange();
  const [read, setRead] = useState<Part<T, C>>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const [isLoading, setLoading] = useState(true);
  const current = useRef<{ readonly key: string; part?: Part<T, C> }>({ key });
  const loading = useRef<AbortController | undefined>(undefined);
  const isWanted = useRef(false);

  /** Does one thing at a time; what is begun later ends what is under way. */
  const during = (work: (signal: AbortSignal) => Promise<void>): void => {
    loading.current?.abort();
    const aborter = new AbortController();
    loading.current = aborter;
    setLoading(true);
    const end = (thrown?: unknown): void => {
      if (aborter.signal.aborted) return;
      loading.current = undefined;
      setLoading(false);
      setError(thrown);
      if (isWanted.current && thrown === undefined) more();
    };
    work(aborter.signal).then(() => end(), end);
  };
  const show = (part: Part<T, C>, signal: AbortSignal): void => {
    if (signal.aborted) return;
    current.current.part = part;
    setRead(part);
  };
  const more = (): void => {
    isWanted.current = loading.current !== undefined;
    const before = current.current.part;
    if (isWanted.current || before?.next === undefined) return;
    during(async (signal) => show(concat(before, await load(PAGE, before.next, signal)), signal));
  };
  useEffect(() => {
    if (current.current.key !== key) {
      current.current = { key };
      setRead(undefined);
    }
    const before = current.current.part;
    during(async (signal) => {
      let all = await load(PAGE, undefined, signal);
      if (before !== undefined && before.items.length > PAGE) {
        const joined = join(before, all);
        if (joined) show(joined, signal);
        // To its end, where that was read, however much came in.
        const length = before.next === undefined ? Number.POSITIVE_INFINITY : (joined ?? before).items.length;
        while (all.next !== undefined && all.items.length < length)
          all = concat(all, await load(Math.min(AGAIN, length - all.items.length), all.next, signal));
      }
      show(all, signal);
    });
  }, [key, change, turn]);
  useEffect(() => () => loading.current?.abort(), []);
  return {
    items: read?.items ?? NONE,
    isWhole: read !== undefined && read.next === undefined,
    isLoading,
    ...(error === undefined ? {} : { error }),
    more,
    reload: () => setTurn((n) => n + 1),
  };
}

function concat<T, C>(before: Part<T, C>, { items, next }: Part<T, C>): Part<T, C> {
  return { items: [...before.items, ...items], next };
}
