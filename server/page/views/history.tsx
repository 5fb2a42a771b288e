import { get } from '../api.ts';
import { useLoad } from '../load.ts';
import { Shown } from '../parts/shown.tsx';

interface Log {
  readonly commits: readonly { readonly oid: string; readonly subject: string }[];
}

/** The history of the repository. */
export function View() {
  const log = useLoad((signal) => get<Log>('log', { limit: 200 }, signal), []);
  return (
    <Shown what="History" of={log}>
      {({ commits }) => (
        <ol>
          {commits.map(({ oid, subject }) => (
            <li key={oid}>{subject}</li>
          ))}
        </ol>
      )}
    </Shown>
  );
}
