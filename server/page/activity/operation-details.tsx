import type { RefChange } from '../../../src/io/repo/types.ts';
import type { LogOutput } from '../../../src/porcelain/log.ts';
import type { LoggedOperation } from '../../../src/porcelain/op.ts';
import { get } from '../api.ts';
import { useLoad } from '../load.ts';
import type { Action } from '../parts/action-dialog.tsx';
import { ActorBadge } from '../parts/actor.tsx';
import { toRoute } from '../route.ts';
import { restoring, undoing } from './actions.tsx';
import { moveWords, placeWords, refWords } from './words.ts';

/** Commits of a move that are told. */
const MOST = 20;

/** One operation: who did what when, what it moved and wrote, and how to get back from it. */
export function OperationDetails({
  operation,
  isNewest,
  onAction,
  onChoose,
}: {
  readonly operation: LoggedOperation | undefined;
  /** Going back to the newest is no way to go. */
  readonly isNewest: boolean;
  readonly onAction: (action: Action<never>) => void;
  readonly onChoose: (id: string) => void;
}) {
  if (operation === undefined)
    return (
      <section class="panel details" aria-label="Details of the operation">
        <p class="quiet">Choose an operation.</p>
      </section>
    );
  const { id, command, actor, time, undone, undoes, redoes, refs, files } = operation;
  const about = undoes ?? redoes;
  return (
    <section class="panel details" aria-label="Details of the operation">
      <h2>{command}</h2>
      <p class="row">
        <code title={id}>{id.slice(0, 10)}</code>
        <ActorBadge actor={actor} />
        <span class="quiet">{new Date(time).toLocaleString()}</span>
        {undone && <span class="badge">taken back</span>}
      </p>
      {about !== undefined && (
        <p>
          {undoes === undefined ? 'Did again ' : 'Took back '}
          <button type="button" class="link" onClick={() => onChoose(about)}>
            {about.slice(0, 10)}
          </button>
          .
        </p>
      )}
      <p class="row">
        <button type="button" disabled={undone} onClick={() => onAction(undoing(operation) as Action<never>)}>
          {undoes === undefined ? 'Undo this' : 'Take this undo back'}
        </button>
        <button type="button" disabled={isNewest} onClick={() => onAction(restoring(operation) as Action<never>)}>
          Go back to here
        </button>
      </p>
      {refs.map((change) => (
        <Move key={change.ref} change={change} />
      ))}
      {files.length > 0 && (
        <section class="changes">
          <h3>Working files</h3>
          <ul>
            {files.map(({ path, before, after }) => {
              const [sign, kind] =
                before === null ? ['+', 'added'] : after === null ? ['−', 'removed'] : ['~', 'changed'];
              return (
                <li key={path} class={`change ${kind}`}>
                  <b aria-hidden="true">{sign}</b>
                  <span class="hidden">{kind}: </span>
                  {path}
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </section>
  );
}

function Move({ change: { ref, old, new: now } }: { readonly change: RefChange }) {
  const { kind, name } = refWords(ref);
  const isBranch = ref.startsWith('refs/heads/');
  return (
    <section class="move">
      <h3>
        <span class="quiet">{kind}</span> {name} <span class="badge">{moveWords({ ref, old, new: now })}</span>
      </h3>
      <p class="row">
        <span>
          <code>{placeWords(old)}</code> → <code>{placeWords(now)}</code>
        </span>
        {isBranch && old !== null && now !== null && <a href={toRoute('compare', [`${old}..${now}`])}>Compare</a>}
        {isBranch && now !== null && <a href={toRoute('history', [], { at: now })}>In history</a>}
      </p>
      {isBranch && old !== null && now !== null && <Between old={old} now={now} />}
    </section>
  );
}

/** The commits that a move of a branch added to it and took from it. */
function Between({ old, now }: { readonly old: string; readonly now: string }) {
  const commits = useLoad(
    async (signal) => {
      const told = (range: string): Promise<LogOutput> => get<LogOutput>('log', { range, limit: MOST }, signal);
      const [added, gone] = await Promise.all([told(`${old}..${now}`), told(`${now}..${old}`)]);
      return { added, gone };
    },
    [old, now],
    { follow: false },
  );
  // Commits that git has thrown away since cannot be told of.
  if (commits.value === undefined) return null;
  const { added, gone } = commits.value;
  return (
    <div class="changes">
      <ul>
        <Subjects log={added} sign="+" kind="added" />
        <Subjects log={gone} sign="−" kind="removed" />
      </ul>
    </div>
  );
}

function Subjects({
  log: { commits, next },
  sign,
  kind,
}: {
  readonly log: LogOutput;
  readonly sign: string;
  readonly kind: 'added' | 'removed';
}) {
  return (
    <>
      {commits.map(({ oid, subject }) => (
        <li key={oid} class={`change ${kind}`}>
          <b aria-hidden="true">{sign}</b>
          <span class="hidden">{kind}: </span>
          {subject} <code class="quiet">{oid.slice(0, 10)}</code>
        </li>
      ))}
      {next && <li class="quiet">and more</li>}
    </>
  );
}
