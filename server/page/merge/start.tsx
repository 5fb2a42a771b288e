import { useContext, useState } from 'preact/hooks';
import type { BranchOutput } from '../../../src/porcelain/branch.ts';
import type { MergeOutput } from '../../../src/porcelain/merge.ts';
import { get, post } from '../api.ts';
import { StandingContext } from '../events.ts';
import { useLoad } from '../load.ts';
import { Changes } from '../parts/changes.tsx';
import { say } from '../parts/say.tsx';
import { Shown, Trouble } from '../parts/shown.tsx';
import { DataTable } from '../parts/table.tsx';
import { go, toRoute } from '../route.ts';
import { errorsIn, Faults, Nevertheless } from './faults.tsx';
import { SIDES, sideText } from './side-value.tsx';

/** How a merge is begun: which branch, who wins, and before anything happens what would. */
export function Start({ query, onBegun }: { readonly query: URLSearchParams; readonly onBegun: () => void }) {
  const { branch } = useContext(StandingContext);
  const branches = useLoad((signal) => get<BranchOutput>('branch', {}, signal), []);
  const rev = query.get('rev') ?? '';
  const favor = query.get('favor') ?? '';
  const others = branches.value?.branches.filter(({ current }) => !current) ?? [];
  return (
    <>
      <p class="quiet">Nothing waits for a decision. Another branch can be joined into this one:</p>
      <form
        class="row"
        key={`${rev} ${favor}`}
        onSubmit={(event) => {
          event.preventDefault();
          const values = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
          const kept = Object.entries(values).filter(([, value]) => value !== '');
          go(toRoute('merge', [], Object.fromEntries(kept)));
        }}
      >
        <label>
          Branch or commit{' '}
          <input name="rev" list="merge-branches" defaultValue={rev} required spellcheck={false} placeholder="tuning" />
        </label>
        <datalist id="merge-branches">
          {others.map(({ name, subject }) => (
            <option key={name} value={name}>
              {subject}
            </option>
          ))}
        </datalist>
        <label>
          Where both changed one thing{' '}
          <select name="favor" defaultValue={favor}>
            <option value="">ask</option>
            <option value="ours">take ours</option>
            <option value="theirs">take theirs</option>
          </select>
        </label>
        <button type="submit">Show what it does</button>
      </form>
      {others.length > 0 && rev === '' && (
        <ul class="branches">
          {others.map(({ name, subject }) => (
            <li key={name}>
              <a href={toRoute('merge', [], { rev: name })}>{name}</a> <span class="quiet">{subject}</span>
            </li>
          ))}
        </ul>
      )}
      {rev !== '' && (
        <Planned
          key={`${rev} ${favor}`}
          rev={rev}
          favor={favor}
          here={branch?.replace(/^refs\/heads\//, '') ?? 'this commit'}
          onBegun={onBegun}
        />
      )}
    </>
  );
}

function Planned({
  rev,
  favor,
  here,
  onBegun,
}: {
  readonly rev: string;
  readonly favor: string;
  readonly here: string;
  readonly onBegun: () => void;
}) {
  const { head } = useContext(StandingContext);
  const body = { rev, ...(favor === '' ? {} : { favor }) };
  const planned = useLoad(() => post<MergeOutput>('merge', { ...body, dryRun: true }), []);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const [isNevertheless, setNevertheless] = useState(false);
  const begin = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const done = await post<MergeOutput>('merge', { ...body, check: !isNevertheless }, { head: head ?? undefined });
      if (done.kind === 'conflict') onBegun();
      else {
        say(
          done.kind === 'up-to-date' ? 'There was nothing to merge.' : `${here} is at ${done.oid?.slice(0, 10)} now.`,
        );
        go(toRoute('history', [], done.oid === undefined ? {} : { at: done.oid }));
      }
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Shown what="Merge" of={planned}>
      {(plan) => {
        const errors = errorsIn(plan.faults ?? []);
        const { kind, conflicts } = plan;
        return (
          <section class="panel" aria-label="What the merge does">
            <h2>{headline(plan, rev, here)}</h2>
            {conflicts.length > 0 && (
              <DataTable
                caption="Decisions"
                file={`decisions of the merge of ${rev}`}
                rows={conflicts}
                keyOf={({ id }) => id}
                columns={[
                  { name: 'file', cell: ({ file }) => file, value: ({ file }) => file },
                  {
                    name: 'place',
                    cell: ({ text, label = text }) => label,
                    value: ({ text, label = text }) => label,
                  },
                  ...SIDES.map((side) => ({
                    name: side,
                    cell: (conflict: (typeof conflicts)[number]) => sideText(conflict, side),
                    value: (conflict: (typeof conflicts)[number]) => sideText(conflict, side),
                  })),
                ]}
              />
            )}
            {plan.faults && <Faults faults={plan.faults} />}
            {kind !== 'up-to-date' && (kind !== 'conflict' || plan.files.length > 0) && (
              <>
                <h3>{kind === 'conflict' ? 'Without a question' : 'Changes here'}</h3>
                <Changes files={plan.files} />
              </>
            )}
            {plan.notes.map((note) => (
              <p key={note} class="quiet">
                {note}
              </p>
            ))}
            {error !== undefined && <Trouble error={error} />}
            {kind !== 'up-to-date' && (
              <p class="row">
                <Nevertheless errors={errors} isChecked={isNevertheless} onChange={setNevertheless} />
                <button
                  type="button"
                  class="primary"
                  disabled={isBusy || (errors > 0 && !isNevertheless)}
                  onClick={() => void begin()}
                >
                  {kind === 'conflict' ? 'Begin the merge' : kind === 'fast-forward' ? 'Move forward' : 'Merge'}
                </button>
                <a href={toRoute('compare', [`HEAD..${rev}`])}>Compare both sides</a>
              </p>
            )}
          </section>
        );
      }}
    </Shown>
  );
}

function headline({ kind, conflicts }: MergeOutput, rev: string, here: string): string {
  if (kind === 'up-to-date') return `${here} has all of ${rev} already`;
  if (kind === 'fast-forward') return `${here} moves forward to ${rev}`;
  if (kind === 'merged') return `${rev} merges into ${here} without a question`;
  return conflicts.length === 1 ? '1 decision is to be made' : `${conflicts.length} decisions are to be made`;
}
