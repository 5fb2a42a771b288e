import type { ConflictsOutput } from '../../../src/porcelain/conflicts.ts';
import { get, Problem } from '../api.ts';
import { useLoad } from '../load.ts';
import { Elsewhere } from '../merge/elsewhere.tsx';
import { Start } from '../merge/start.tsx';
import { Waiting } from '../merge/waiting.tsx';
import { Shown } from '../parts/shown.tsx';
import type { Route } from '../route.ts';
import './merge.css';

/** What waits for decisions, and its end; or, where nothing waits, the beginning of a merge. */
export function View({ route: { query } }: { readonly route: Route }) {
  const waiting = useLoad(async (signal): Promise<ConflictsOutput | 'nothing' | Problem> => {
    try {
      return await get<ConflictsOutput>('conflicts', {}, signal);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'MERGE_NONE') return 'nothing';
      if (error.code === 'MERGE_ELSEWHERE') return error;
      throw error;
    }
  }, []);
  return (
    <div class="merge">
      <h1>Merge</h1>
      <Shown what="Decisions" of={waiting}>
        {(value) =>
          value === 'nothing' ? (
            <Start query={query} onBegun={waiting.reload} />
          ) : value instanceof Problem ? (
            <Elsewhere problem={value} onGone={waiting.reload} />
          ) : (
            <Waiting loaded={value} onEnd={waiting.reload} />
          )
        }
      </Shown>
    </div>
  );
}
