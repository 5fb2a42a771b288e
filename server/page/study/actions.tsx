import type { ComponentChildren } from 'preact';
import { useContext, useState } from 'preact/hooks';
import type { ExpApplyOutput, ExpPromoteOutput, ExpStopOutput } from '../../../src/porcelain/exp-change.ts';
import { post } from '../api.ts';
import { longText } from '../charts/numbers.ts';
import { StandingContext, useHead } from '../events.ts';
import { useLoad } from '../load.ts';
import { Dialog } from '../parts/dialog.tsx';
import { say } from '../parts/say.tsx';
import { Shown, Trouble } from '../parts/shown.tsx';
import { toRoute } from '../route.ts';
import { changesText, trialRev, useStudy } from './model.ts';

/** What can be done with a study as a whole. */
export function StudyActions() {
  const { report } = useStudy();
  const { study, status, trials, budget } = report;
  const [asked, setAsked] = useState<'stop' | 'resume' | 'page'>();
  const close = (): void => setAsked(undefined);
  const [more, setMore] = useState(Math.max(budget, trials.length + 10));
  const [file, setFile] = useState(`${study}.html`);
  return (
    <div class="row">
      {status === 'running' ? (
        <button type="button" onClick={() => setAsked('stop')}>
          Stop…
        </button>
      ) : (
        <button type="button" onClick={() => setAsked('resume')}>
          Resume…
        </button>
      )}
      <a class="button" href={toRoute('rank', [study])}>
        Rank by eye
      </a>
      <button type="button" onClick={() => setAsked('page')}>
        Save as a page…
      </button>
      <Confirm
        title={`Stop ${study}`}
        isOpen={asked === 'stop'}
        onClose={close}
        verb="Stop"
        run={async () => {
          const { wasOver } = await post<ExpStopOutput>('exp/stop', { study });
          say(wasOver ? `${study} was not running` : `${study} stops after the trials that run`);
        }}
      >
        <p>
          The trials that run now end first, wherever they run, and are kept. Nothing is lost: the study has{' '}
          {trials.length} trials, and Resume goes on with it.
        </p>
      </Confirm>
      <Confirm
        title={`Resume ${study}`}
        isOpen={asked === 'resume'}
        onClose={close}
        verb="Resume"
        run={async () => {
          await post('exp/resume', { study, budget: more }, { background: true });
          say(`${study} goes on, up to ${more} trials`);
        }}
      >
        <p>
          It goes on with what its {trials.length} trials have told, on the runners of .cwfrc, by its own definition.
        </p>
        <label class="field">
          Trials in all
          <input
            type="number"
            min={trials.length + 1}
            value={more}
            onInput={(event) => setMore(Number(event.currentTarget.value))}
          />
        </label>
      </Confirm>
      <Confirm
        title="Save as a page"
        isOpen={asked === 'page'}
        onClose={close}
        verb="Save"
        run={async () => {
          const { written } = await post<{ readonly written: string }>('exp/plot', { study, out: file });
          say(`${written} was written`);
        }}
      >
        <p>
          One file with all plots and pictures, which needs no server and no network. It is written into this folder.
        </p>
        <label class="field">
          File
          <input value={file} onInput={(event) => setFile(event.currentTarget.value)} />
        </label>
      </Confirm>
    </div>
  );
}

/** One trial with all that is known of it, and what can be done with it. */
export function TrialDialog({
  number,
  onClose,
}: {
  readonly number: number | undefined;
  readonly onClose: () => void;
}) {
  const { report } = useStudy();
  const trial = report.trials.find((one) => one.number === number);
  const [asked, setAsked] = useState<'promote' | 'apply'>();
  if (!trial) return null;
  const { params, values = [], rank, reason, commit, pictures, runner } = trial;
  const rev = trialRev(report, trial.number);
  return (
    <>
      <Dialog title={`Trial ${trial.number} of ${report.study}`} isOpen={asked === undefined} onClose={onClose}>
        <div class="trial">
          {pictures.length > 0 && (
            <div class="strip">
              {pictures.map(({ id, seed }) => (
                <a key={id} href={`/api/outputs/${id}`} target="_blank" rel="noreferrer">
                  <img src={`/api/outputs/${id}`} alt={`of trial ${trial.number}${seed ? `, seed ${seed}` : ''}`} />
                </a>
              ))}
            </div>
          )}
          <dl class="facts">
            {rank !== undefined && (
              <div>
                <dt>rank</dt>
                <dd>
                  {trial.best ? '★ ' : ''}
                  {rank}
                </dd>
              </div>
            )}
            {report.objectives.map(({ name }, at) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{longText(values[at]) || 'none'}</dd>
              </div>
            ))}
            {Object.entries(params).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{longText(value)}</dd>
              </div>
            ))}
            {runner && (
              <div>
                <dt>runner</dt>
                <dd>{runner}</dd>
              </div>
            )}
            {commit && (
              <div>
                <dt>commit</dt>
                <dd>
                  <code>{commit.slice(0, 10)}</code>
                </dd>
              </div>
            )}
          </dl>
          {reason && <p class="quiet">{reason}</p>}
          <div class="row">
            <a class="button" href={toRoute('compare', [`${report.base}..${rev}`])}>
              Difference from the base
            </a>
            <button type="button" onClick={() => setAsked('apply')}>
              Apply…
            </button>
            <button type="button" onClick={() => setAsked('promote')}>
              Promote…
            </button>
          </div>
        </div>
      </Dialog>
      <Confirm
        title={`Promote trial ${trial.number}`}
        isOpen={asked === 'promote'}
        onClose={() => setAsked(undefined)}
        verb="Promote"
        run={async () => {
          const { branch } = await post<ExpPromoteOutput>('exp/promote', { trial: `${report.study}/${trial.number}` });
          say(`branch ${branch} was made`);
        }}
      >
        <p>
          A branch <code>{rev}</code> is made at its commit, which fetch and push take along. Your branch and your files
          stay as they are.
        </p>
      </Confirm>
      {asked === 'apply' && <ApplyDialog number={trial.number} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** Applies a trial, after showing what comes of that. */
function ApplyDialog({ number, onClose }: { readonly number: number; readonly onClose: () => void }) {
  const { report } = useStudy();
  const { branch } = useContext(StandingContext);
  const head = useHead();
  const name = `${report.study}/${number}`;
  const trial = report.trials.find((one) => one.number === number)!;
  const preview = useLoad(() => post<ExpApplyOutput>('exp/apply', { trial: name, dryRun: true }), [name, head]);
  const kinds = (preview.value?.picks ?? []).map(({ kind }) => kind);
  return (
    <Confirm
      title={`Apply trial ${number}`}
      isOpen
      onClose={onClose}
      verb="Apply"
      isPossible={kinds.includes('done')}
      run={async () => {
        const { picks } = await post<ExpApplyOutput>('exp/apply', { trial: name }, { head });
        say(picks.some(({ kind }) => kind === 'done') ? `trial ${number} was applied` : 'nothing was applied');
      }}
    >
      <p>
        Its edits are repeated on <strong>{branch?.replace(/^refs\/heads\//, '') ?? 'HEAD'}</strong> as one commit, and
        the file is written. Undo takes that back.
      </p>
      <p>{changesText(report, trial)}</p>
      <Shown what="What comes of it" of={preview}>
        {({ picks }) =>
          picks.map(({ of, kind, conflicts }) => (
            <p key={of}>
              {kind === 'done' && 'It goes in without a conflict.'}
              {kind === 'empty' && 'Its edits are here already: nothing would change.'}
              {kind === 'conflict' &&
                `The branch changed ${conflicts.length === 1 ? 'a value' : `${conflicts.length} values`} that it changes, too: apply it in a terminal, with cwf exp apply ${name}.`}
            </p>
          ))
        }
      </Shown>
    </Confirm>
  );
}

/** A dialog that says what will happen before it does. */
function Confirm({
  title,
  isOpen,
  onClose,
  verb,
  isPossible = true,
  run,
  children,
}: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly verb: string;
  readonly isPossible?: boolean;
  readonly run: () => Promise<void>;
  readonly children: ComponentChildren;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const close = (): void => {
    setError(undefined);
    onClose();
  };
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <form
        method="dialog"
        onSubmit={async (event) => {
          event.preventDefault();
          setBusy(true);
          setError(undefined);
          try {
            await run();
            close();
          } catch (thrown) {
            setError(thrown);
          } finally {
            setBusy(false);
          }
        }}
      >
        {children}
        {error !== undefined && <Trouble error={error} />}
        <div class="row is-end">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isBusy || !isPossible}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
