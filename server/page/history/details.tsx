import { useState } from 'preact/hooks';
import type { LogEntry } from '../../../src/porcelain/log.ts';
import type { PickOutput } from '../../../src/porcelain/pick.ts';
import type { ShowCommit } from '../../../src/porcelain/show.ts';
import { addressOf, get } from '../api.ts';
import { useLoad } from '../load.ts';
import type { Action } from '../parts/action-dialog.tsx';
import { ActorBadge } from '../parts/actor.tsx';
import { Changes } from '../parts/changes.tsx';
import { Shown } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { toRoute } from '../route.ts';

/** The chosen commit: who, when and why, what it changed and what was noted on it; and what can be done with it. */
export function Details({
  oid,
  entry,
  mark,
  onMark,
  onAction,
}: {
  readonly oid: string | null;
  readonly entry: LogEntry | undefined;
  /** The commit that was marked for a comparison. */
  readonly mark: string | null;
  readonly onMark: () => void;
  readonly onAction: (action: Action<PickOutput>) => void;
}) {
  const shown = useLoad(
    (signal) => (oid === null ? Promise.resolve(undefined) : get<ShowCommit>('show', { what: oid }, signal)),
    [oid],
  );
  return (
    <section class="panel details" aria-label="Details of the commit">
      <Shown what="Commit" of={shown}>
        {(commit) =>
          commit === undefined ? (
            <p class="quiet">Choose a commit.</p>
          ) : (
            <Commit commit={commit} entry={entry} mark={mark} onMark={onMark} onAction={onAction} />
          )
        }
      </Shown>
    </section>
  );
}

function Commit({
  commit,
  entry,
  mark,
  onMark,
  onAction,
}: {
  readonly commit: ShowCommit;
  readonly entry: LogEntry | undefined;
  readonly mark: string | null;
  readonly onMark: () => void;
  readonly onAction: (action: Action<PickOutput>) => void;
}) {
  const { oid, parents, author, subject, body, op, actor, files, notes } = commit;
  const short = oid.slice(0, 10);
  const [parent] = parents;
  return (
    <>
      <h2>{subject || <span class="quiet">no message</span>}</h2>
      <p class="row">
        <code title={oid}>{short}</code>
        <ActorBadge actor={op === undefined ? undefined : (actor ?? 'person')} author={author.name} />
        <span class="quiet">{new Date(author.timestamp * 1000).toLocaleString()}</span>
        {entry?.refs.map((ref) => (
          <span key={ref} class="badge ref">
            {ref}
          </span>
        ))}
      </p>
      {body !== '' && <pre>{body}</pre>}
      <p class="row">
        {parent !== undefined && <a href={toRoute('compare', [`${parent}..${oid}`])}>Compare with parent</a>}
        {mark !== null && mark !== oid && <a href={toRoute('compare', [`${mark}..${oid}`])}>Compare with marked</a>}
        <button type="button" aria-pressed={mark === oid} onClick={onMark}>
          Mark
        </button>
        <button type="button" onClick={() => onAction(picking('revert', oid, short))}>
          Revert
        </button>
        <button type="button" onClick={() => onAction(picking('cherry-pick', oid, short))}>
          Cherry-pick
        </button>
        <NewBranch start={oid} onAction={onAction} />
      </p>
      <Changes files={files} />
      <Noted notes={notes} />
    </>
  );
}

/** Taking a commit back, or repeating it here, with what that would change. */
function picking(path: 'revert' | 'cherry-pick', oid: string, short: string): Action<PickOutput> {
  const word = path === 'revert' ? 'Revert' : 'Cherry-pick';
  return {
    title: `${word} ${short}`,
    path,
    body: { revs: [oid] },
    button: word,
    preview: ({ picks }) => (
      <>
        {picks.map(({ kind, files, conflicts }) =>
          kind === 'empty' ? (
            <p key={kind}>It would change nothing here.</p>
          ) : (
            <div key={kind}>
              {conflicts.length > 0 && (
                <p>
                  {conflicts.length} {conflicts.length === 1 ? 'conflict waits' : 'conflicts wait'} for a decision.
                </p>
              )}
              <Changes files={files} />
            </div>
          ),
        )}
      </>
    ),
    done: ({ picks }) =>
      picks.some(({ kind }) => kind === 'conflict') ? 'Conflicts wait for a decision.' : `${word}: done.`,
    onDone: ({ picks }) => {
      if (picks.some(({ kind }) => kind === 'conflict')) location.hash = toRoute('merge');
    },
  };
}

function NewBranch({
  start,
  onAction,
}: {
  readonly start: string;
  readonly onAction: (action: Action<PickOutput>) => void;
}) {
  const [name, setName] = useState<string>();
  if (name === undefined)
    return (
      <button type="button" onClick={() => setName('')}>
        New branch…
      </button>
    );
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        setName(undefined);
        onAction({
          title: `New branch ${name}`,
          path: 'branch',
          body: { name, start },
          button: 'Make it',
          canPreview: false,
          preview: () => <p>A branch named {name} begins at this commit. You stay where you are.</p>,
          done: () => `Branch ${name} is there.`,
        });
      }}
    >
      <label>
        <span class="hidden">Name of the branch</span>
        <input
          value={name}
          placeholder="name of the branch"
          spellcheck={false}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={name === ''}>
        Go on
      </button>
    </form>
  );
}

/** Numbers, pictures and texts that were noted on a commit. */
function Noted({ notes }: { readonly notes: ShowCommit['notes'] }) {
  const numbers = notes.filter(({ metric, value }) => metric !== undefined && value !== undefined);
  const texts = notes.filter(({ text }) => text !== undefined);
  const pictures = notes.flatMap(({ run }) => picturesOf(run));
  return (
    <>
      {pictures.length > 0 && (
        <div class="thumbs">
          {pictures.map(({ id, filename }) => (
            <a key={id} href={addressOf(`outputs/${id}`)} target="_blank" rel="noreferrer">
              <img src={addressOf(`outputs/${id}`)} alt={filename} loading="lazy" />
            </a>
          ))}
        </div>
      )}
      {numbers.length > 0 && (
        <DataTable
          caption="Numbers"
          rows={numbers}
          keyOf={(row) => `${row.metric} ${row.time} ${row.output ?? ''}`}
          columns={[
            { name: 'metric', cell: ({ metric }) => metric, value: ({ metric }) => metric },
            { name: 'value', cell: ({ value }) => value?.toPrecision(6), value: ({ value }) => value, isNumber: true },
          ]}
        />
      )}
      {texts.map(({ text, actor, time }) => (
        <p key={`${time} ${text}`}>
          {text} <span class="quiet">({actor})</span>
        </p>
      ))}
    </>
  );
}

function picturesOf(run: unknown): readonly { readonly id: string; readonly filename: string }[] {
  const outputs = (run as { outputs?: { id: string; filename: string; type: string; folder: string }[] } | undefined)
    ?.outputs;
  return (outputs ?? []).filter(({ type, folder }) => type.startsWith('image/') && folder === 'output');
}
