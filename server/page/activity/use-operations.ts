import type { LoggedOperation, OpLogOutput } from '../../../src/porcelain/op.ts';
import { get } from '../api.ts';
import { type Pages, type Part, usePages } from '../pages.ts';

/** The operation log, page by page, read anew when the repository changes. */
export function useOperations(): Pages<LoggedOperation> {
  return usePages<LoggedOperation, string>(
    '',
    async (limit, from, signal) => {
      const { operations, next } = await get<OpLogOutput>('op/log', { limit, from }, signal);
      return { items: operations, next };
    },
    joined,
  );
}

/** A log only grows: what followed the last operation of a page follows it still. */
function joined(
  before: Part<LoggedOperation, string>,
  first: Part<LoggedOperation, string>,
): Part<LoggedOperation, string> | undefined {
  const last = before.items.findIndex(({ id }) => id === first.items.at(-1)?.id);
  return last < 0 ? undefined : { items: [...first.items, ...before.items.slice(last + 1)], next: before.next };
}
