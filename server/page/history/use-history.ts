import { useMemo, useRef } from 'preact/hooks';
import type { LogEntry, LogOutput } from '../../../src/porcelain/log.ts';
import { get, type Query } from '../api.ts';
import { type Pages, usePages } from '../pages.ts';
import { joinedLog } from './joined.ts';
import { type LaneRow, Lanes } from './lanes.ts';

/** A history as far as it was read, with the lines between its commits. */
export interface History extends Pages<LogEntry> {
  readonly rows: readonly LaneRow[];
}

/** What was laid out, to be gone on with. */
interface Laid {
  readonly lanes: Lanes;
  readonly items: readonly LogEntry[];
  readonly isPart: boolean;
}

/**
 * The log that `query` asks for, page by page, read anew when the repository changes. Where commits are left out
 * (`isPart`) no lines lead from one to the next.
 */
export function useHistory(query: Query, isPart: boolean): History {
  const pages = usePages<LogEntry, readonly string[]>(
    JSON.stringify(query),
    async (limit, from, signal) => {
      const { commits, next } = await get<LogOutput>('log', { ...query, limit, from }, signal);
      return { items: commits, next };
    },
    joinedLog,
  );
  const { items } = pages;
  const laid = useRef<Laid | undefined>(undefined);
  const rows = useMemo(() => {
    const before = laid.current;
    const isMore =
      before?.isPart === isPart &&
      before.items.length <= items.length &&
      before.items.every(({ oid }, at) => items[at]!.oid === oid);
    const lanes = isMore ? before.lanes : new Lanes();
    const fresh = items.slice(lanes.rows.length);
    lanes.add(isPart ? fresh.map(({ oid }) => ({ oid, parents: [] })) : fresh);
    laid.current = { lanes, items, isPart };
    return [...lanes.rows];
  }, [items, isPart]);
  return { ...pages, rows };
}
