import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { ConflictsOutput, ContinueOutput } from '../../../src/porcelain/conflicts.ts';
import { post } from '../api.ts';
import { StandingContext } from '../events.ts';
import { type Action, ActionDialog } from '../parts/action-dialog.tsx';
import { Changes } from '../parts/changes.tsx';
import { useKeys } from '../parts/keys.tsx';
import { say } from '../parts/say.tsx';
import { Trouble } from '../parts/shown.tsx';
import { useWork } from '../parts/use-work.ts';
import { go, toRoute } from '../route.ts';
import { type Choice, ConflictCard } from './conflict-card.tsx';
import { errorsIn, Faults, Nevertheless } from './faults.tsx';
import { givingUp } from './give-up.tsx';
import type { SideName } from './side-value.tsx';

/** A merge, revert or cherry-pick that waits: its decisions, what would be committed, and its end either way. */
export function Waiting({ loaded, onEnd }: { readonly loaded: ConflictsOutput; readonly onEnd: () => void }) {
  const { branch, head } = useContext(StandingContext);
  const [answered, setAnswered] = useState<ConflictsOutput>();
  const { isBusy, error, start: work } = useWork();
  const [current, setCurrent] = useState(0);
  const [action, setAction] = useState<Action<unknown>>();
  const list = useRef<HTMLDivElement>(null);
  // What was loaded since tells more than the answer to a decision.
  useEffect(() => setAnswered(undefined), [loaded]);
  const { op, rev, theirs, conflicts, open, files, faults } = answered ?? loaded;

  const resolve = (body: object): void =>
    void work(async () => {
      const answer = await post<ConflictsOutput>('resolve', body);
      setAnswered(answer);
      say(answer.open === 0 ? 'Every decision is made.' : `${answer.open} still open.`);
    });
  const choose = (at: number, choice: Choice): void => {
    const conflict = conflicts[at];
    if (!conflict) return;
    setCurrent(at);
    resolve({ ids: [conflict.id], ...choice });
  };
  const goTo = (at: number): void => {
    setCurrent(at);
    const card = list.current?.querySelector<HTMLElement>(`[data-number="${conflicts[at]?.number}"]`);
    card?.focus();
    card?.scrollIntoView({ block: 'nearest' });
  };
  const finish = (message: string, check: boolean): void =>
    void work(async () => {
      const body = { op, check, ...(message === '' ? {} : { message }) };
      const done = await post<ContinueOutput>('merge/continue', body, { head: head ?? undefined });
      if (done.picks.some(({ kind }) => kind === 'conflict')) say('The next commit asks for decisions, too.');
      else {
        say(done.oid === undefined ? 'Nothing was left to commit.' : `Committed as ${done.oid.slice(0, 10)}.`);
        go(toRoute('history', [], done.oid === undefined ? {} : { at: done.oid }));
      }
      onEnd();
    });
  useKeys({
    n: { label: 'Next decision', run: () => goTo((current + 1) % conflicts.length) },
    p: { label: 'Decision before', run: () => goTo((current + conflicts.length - 1) % conflicts.length) },
    u: { label: 'Take ours', run: () => choose(current, { take: 'ours' }) },
    t: { label: 'Take theirs', run: () => choose(current, { take: 'theirs' }) },
    b: { label: 'Take base', run: () => choose(current, { take: 'base' }) },
  });

  const here = branch?.replace(/^refs\/heads\//, '') ?? 'this commit';
  const names: Readonly<Record<SideName, string>> = {
    base: 'base',
    ours: `ours (${here})`,
    theirs: `theirs (${op === 'merge' ? rev : `${op} of ${rev}`})`,
  };
  return (
    <>
      <p>
        The {op} of <code title={theirs}>{rev}</code> into <code>{here}</code> waits:{' '}
        <strong>{open === 0 ? 'every decision is made' : `${open} of ${conflicts.length} decisions open`}</strong>. No
        file is changed before it is committed.
      </p>
      {error !== undefined && <Trouble error={error} />}
      <p class="row">
        {(['ours', 'theirs'] as const).map((take) => (
          <button
            key={take}
            type="button"
            disabled={isBusy || open === 0}
            onClick={() => resolve({ ids: [], all: true, take })}
          >
            Take {take} in all that is open
          </button>
        ))}
        <a href={toRoute('compare', [`HEAD..${theirs}`])}>Compare both sides</a>
        <span class="grow" />
        <button type="button" onClick={() => setAction(givingUp(op, rev, onEnd))}>
          Give it up…
        </button>
      </p>
      <div ref={list}>
        {conflicts.map((conflict, at) => (
          <ConflictCard
            key={conflict.id}
            conflict={conflict}
            names={names}
            isCurrent={at === current}
            isBusy={isBusy}
            onChoose={(choice) => choose(at, choice)}
          />
        ))}
      </div>
      <section class="panel" aria-label="Result">
        <h2>Result</h2>
        {files === undefined || faults === undefined ? (
          <p class="quiet">It is shown and validated once every decision is made.</p>
        ) : (
          <>
            <Faults faults={faults} />
            <Changes files={files} />
          </>
        )}
        <Finish
          key={`${errorsIn(faults ?? [])} ${open}`}
          isReady={open === 0 && !isBusy}
          errors={errorsIn(faults ?? [])}
          hint={op === 'merge' ? `Merge ${rev}` : 'the message of the commit'}
          canSay={op === 'merge'}
          onFinish={finish}
        />
      </section>
      <ActionDialog action={action} onClose={() => setAction(undefined)} />
    </>
  );
}

function Finish({
  isReady,
  errors,
  hint,
  canSay,
  onFinish,
}: {
  readonly isReady: boolean;
  readonly errors: number;
  readonly hint: string;
  readonly canSay: boolean;
  readonly onFinish: (message: string, check: boolean) => void;
}) {
  const [isNevertheless, setNevertheless] = useState(false);
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        const message = new FormData(event.currentTarget).get('message');
        onFinish(String(message ?? '').trim(), !isNevertheless);
      }}
    >
      {canSay && (
        <label class="row grow">
          Message <input class="grow" name="message" placeholder={hint} />
        </label>
      )}
      <Nevertheless errors={errors} isChecked={isNevertheless} onChange={setNevertheless} />
      <button type="submit" class="primary" disabled={!isReady || (errors > 0 && !isNevertheless)}>
        Commit
      </button>
    </form>
  );
}
