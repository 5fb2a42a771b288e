import { useState } from 'preact/hooks';
import type { OpLogOutput } from '../../../src/porcelain/op.ts';
import type { ReviewShowOutput } from '../../../src/porcelain/review.ts';
import type { UndoOutput } from '../../../src/porcelain/undo.ts';
import { undoing } from '../activity/actions.tsx';
import { get } from '../api.ts';
import { useLoad } from '../load.ts';
import { type Action, ActionDialog } from '../parts/action-dialog.tsx';
import { ActorBadge } from '../parts/actor.tsx';
import { Changes } from '../parts/changes.tsx';
import { useKeys } from '../parts/keys.tsx';
import { Shown } from '../parts/shown.tsx';
import { Ago } from '../parts/time.tsx';
import { toRoute } from '../route.ts';
import { merging, type Verdict, verdictOf } from './actions.tsx';
import { CheckList } from './checks.tsx';
import { Comments } from './comments.tsx';
import { Smoke } from './smoke.tsx';

/** Operations among which a merge is looked for: an older one is taken back in the activity. */
const LOOKED_AT = 200;

/** One proposal: what it is, what checks say, what it changes, what was said of it, and the verdict on it. */
export function Proposal({ id }: { readonly id: string }) {
  const shown = useLoad((signal) => get<ReviewShowOutput>('review/show', { proposal: id }, signal), [id]);
  return (
    <>
      <p>
        <a href={toRoute('proposals')}>‹ Proposals</a>
      </p>
      <Shown what="Proposal" of={shown}>
        {(proposal) => <Whole proposal={proposal} onChange={shown.reload} />}
      </Shown>
    </>
  );
}

function Whole({ proposal, onChange }: { readonly proposal: ReviewShowOutput; readonly onChange: () => void }) {
  const { id, title, text, author, target, time, state, joined, closed, base, head, files, commits, needs, checks } =
    proposal;
  const [action, setAction] = useState<Action<never>>();
  const isOpen = state === 'open' && !joined;
  const ask = (next: Action<never>): void => setAction(next);
  const verdict = (kind: Verdict): void => ask(verdictOf(kind, proposal) as Action<never>);
  const merge = (): void => ask(merging(proposal) as Action<never>);
  useKeys(
    isOpen
      ? {
          a: { label: 'Approve', run: () => verdict('approve') },
          r: { label: 'Request changes', run: () => verdict('request-changes') },
          M: { label: 'Merge', run: merge },
        }
      : {},
  );
  return (
    <article class="proposal">
      <h1>{title}</h1>
      <p class="row">
        <span class={`badge ${isOpen ? 'added' : ''}`}>{joined ? 'merged' : state}</span>
        <ActorBadge actor={author.actor} author={author.name} />
        <span>
          into <code>{target}</code>
        </span>
        <Ago seconds={time} />
        <code title={id}>{id.slice(0, 10)}</code>
        {base !== undefined && <a href={toRoute('compare', [`${base}..${head}`])}>See it as a picture</a>}
      </p>
      {text !== undefined && <p class="reason">{text}</p>}
      {closed !== undefined && (
        <p class="quiet">
          {state} by {closed.name}
          {closed.text === undefined ? '' : `: ${closed.text}`}
        </p>
      )}
      {isOpen ? (
        <section class="panel" aria-label="Verdict">
          {needs.length > 0 ? (
            <>
              <strong>Before it can be merged:</strong>
              <ul>
                {needs.map((need) => (
                  <li key={need}>{need}</li>
                ))}
              </ul>
            </>
          ) : (
            <p>
              <strong>It may be merged.</strong>
            </p>
          )}
          <p class="row">
            <button type="button" onClick={() => verdict('approve')}>
              Approve…
            </button>
            <button type="button" onClick={() => verdict('request-changes')}>
              Request changes…
            </button>
            <button type="button" onClick={() => verdict('reject')}>
              Reject…
            </button>
            <button type="button" class="primary" onClick={merge}>
              Merge…
            </button>
          </p>
          <Verdicts proposal={proposal} />
        </section>
      ) : (
        closed?.as !== undefined && <UndoMerge commit={closed.as} onUndo={(next) => ask(next as Action<never>)} />
      )}
      <CheckList checks={checks} />
      {isOpen && <Smoke id={id} wasRun={checks.results.some(({ check }) => check === 'run')} onEnd={onChange} />}
      <h2>
        {commits.length} {commits.length === 1 ? 'commit' : 'commits'}
      </h2>
      <ul class="commits">
        {commits.map(({ oid, subject, actor }) => (
          <li key={oid}>
            <a href={toRoute('history', [], { at: oid })}>
              <code>{oid.slice(0, 10)}</code>
            </a>{' '}
            {subject} <ActorBadge actor={actor} author={author.name} />
          </li>
        ))}
      </ul>
      <h2>Changes</h2>
      <Changes files={files} />
      <Comments proposal={proposal} isOpen={isOpen} />
      <ActionDialog action={action} onClose={() => setAction(undefined)} />
    </article>
  );
}

/** Takes back the operation that merged a proposal, and no other that came since; nothing where it was taken back. */
function UndoMerge({
  commit,
  onUndo,
}: {
  /** The commit that has the proposal. */
  readonly commit: string;
  readonly onUndo: (action: Action<UndoOutput>) => void;
}) {
  const log = useLoad((signal) => get<OpLogOutput>('op/log', { limit: LOOKED_AT }, signal), [commit]);
  const merge = log.value?.operations.find(
    ({ command, undone, refs }) => command === 'review merge' && !undone && refs.some((ref) => ref.new === commit),
  );
  return (
    merge && (
      <p class="row panel">
        It is merged.
        <button type="button" onClick={() => onUndo(undoing(merge))}>
          Undo…
        </button>
      </p>
    )
  );
}

function Verdicts({ proposal: { verdicts } }: { readonly proposal: ReviewShowOutput }) {
  return (
    <ul class="verdicts">
      {verdicts.map(({ actor, name, verdict, text, time }) => (
        <li key={`${actor} ${name} ${time}`}>
          <ActorBadge actor={actor} author={name} /> {verdict === 'approve' ? 'approved' : 'asked for changes'}
          {text === undefined ? '' : `: ${text}`} <Ago seconds={time} />
        </li>
      ))}
    </ul>
  );
}
