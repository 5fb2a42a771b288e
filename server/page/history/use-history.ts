import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogEntry, LogOutput } from '../../../src/porcelain/log.ts';
import { get, type Query } from '../api.ts';
import { useChange } from '../events.ts';
import { type LaneRow, Lanes } from './lanes.ts';

/** Commits of one answer, and the most that is loaded anew at once when the repository changes. */
const PAGE = 200;
const MOST_AGAIN = 1000;

/** A history as far as it was read. */
export interface History {
  readonly commits: readonly LogEntry[];
  readonly rows: readonly LaneRow[];
  readonly isWhole: boolean;
  readonly isLoading: boolean;
  readonly error?: unknown;
  /** Reads on. */
  more(): void;
  reload(): void;
}

interface Read {
  readonly commits: readonly LogEntry[];
  readonly next: readonly string[] | undefined;
}

/**
 * The log that `query` asks for, page by page, read anew when the repository changes. Where commits are left out
 * (`isPart`) no lines lead from one to the next.
 */
export function useHistory(query: Query, isPart: boolean): History {
  const key = JSON.stringify(query);
  const change = useChange();
  const [read, setRead] = useState<Read>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const loading = useRef(false);
  const [isLoading, setLoading] = useState(true);
  const loaded = useRef(0);
  loaded.current = read?.commits.length ?? 0;

  useEffect(() => setRead(undefined), [key]);
  useEffect(() => {
    const aborter = new AbortController();
    const limit = Math.min(MOST_AGAIN, Math.max(PAGE, loaded.current));
    loading.current = true;
    setLoading(true);
    get<LogOutput>('log', { ...query, limit }, aborter.signal).then(
      ({ commits, next }) => {
        loading.current = false;
        setLoading(false);
        setError(undefined);
        setRead({ commits, next });
      },
      (thrown) => {
        if (aborter.signal.aborted) return;
        loading.current = false;
        setLoading(false);
        setError(thrown);
      },
    );
    return () => aborter.abort();
  }, [key, change, turn]);

  const more = (): void => {
    if (loading.current || read?.next === undefined) return;
    loading.current = true;
    setLoading(true);
    const before = read;
    get<LogOutput>('log', { ...query, limit: PAGE, from: before.next! }).then(
      ({ commits, next }) => {
        loading.current = false;
        setLoading(false);
        // Read anew meanwhile: what comes belongs to another list.
        setRead((now) => (now === before ? { commits: [...before.commits, ...commits], next } : now));
      },
      (thrown) => {
        loading.current = false;
        setLoading(false);
        setError(thrown);
      },
    );
  };
  const commits = read?.commits ?? [];
  const rows = useMemo(() => {
    const lanes = new Lanes();
    lanes.add(isPart ? commits.map(({ oid }) => ({ oid, parents: [] })) : commits);
    return lanes.rows;
  }, [read]);
  return {
    commits,
    rows,
    isWhole: read !== undefined && read.next === undefined,
    isLoading,
    ...(error === undefined ? {} : { error }),
    more,
    reload: () => setTurn((n) => n + 1),
  };
}
