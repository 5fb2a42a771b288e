import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ExpApplyOutput, ExpPromoteOutput, ExpStopOutput } from '../../../src/porcelain/exp-change.ts';
import type { ExpConfirmOutput } from '../../../src/porcelain/exp-confirm.ts';
import { addressOf } from '../api.ts';
import { longText } from '../charts/numbers.ts';
import { type Action, ActionDialog } from '../parts/action-dialog.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { toRoute } from '../route.ts';
import { changesText, trialRev, useStudy } from './model.ts';

/** What can be done with a study as a whole. */
export function StudyActions() {
  const { report } = useStudy();
  const { study, status, trials, budget, confirmed } = report;
  const [asked, setAsked] = useState<'stop' | 'resume' | 'page' | 'confirm'>();
  const [most, setMost] = useState(Math.max(budget, trials.length + 10));
  const [file, setFile] = useState(`${study}.html`);
  /** Five, or five more than there are. */
  const seeds = 5 + Math.max(0, ...(confirmed?.trials ?? []).map((one) => one.seeds + one.failed));
  const actions: Readonly<Record<'stop' | 'resume' | 'page' | 'confirm', Action<never>>> = {
    stop: {
      title: `Stop ${study}`,
      path: 'exp/stop',
      body: { study },
      button: 'Stop',
      canPreview: false,
      preview: () => (
        <p>
          The trials that run now end first, wherever they run, and are kept. Nothing is lost: Resume goes on with the
          study.
        </p>
      ),
      done: ({ wasOver }: ExpStopOutput) =>
        wasOver ? `${study} was not running` : `${study} stops after the trials that run`,
    },
    resume: {
      title: `Resume ${study}`,
      path: 'exp/resume',
      body: { study, budget: most },
      button: 'Resume',
      canPreview: false,
      isLong: true,
      preview: () => (
        <>
          <p>
            It goes on with what its {trials.length} trials have told, by its own definition, on the runners of .cwfrc.
          </p>
          <label class="field">
            Trials in all
            <input
              type="number"
              min={trials.length + 1}
              value={most}
              onInput={(event) => setMost(Number(event.currentTarget.value))}
            />
          </label>
        </>
      ),
      done: () => `${study} goes on, up to ${most} trials`,
    },
    confirm: {
      title: `Confirm the best of ${study}`,
      path: 'exp/confirm',
      body: { study, seeds },
      button: 'Confirm',
      isLong: true,
      preview: ({ wanted, left }: ExpConfirmOutput) => (
        <>
          <p>
            Whether the best trial is good, or its seed was: {wanted.map(nameOf).join(', ')} run under {seeds} seeds
            that the study did not have, the same ones for all. The trial to take is the best of those from then on.
          </p>
          <p>{left === 1 ? 'One run is' : `${left} runs are`} made on the runners of .cwfrc.</p>
        </>
      ),
      done: () => `the best of ${study} run under other seeds`,
    },
    page: {
      title: `Save ${study} as a page`,
      path: 'exp/plot',
      body: { study, out: file },
      button: 'Save',
      canPreview: false,
      preview: () => (
        <>
          <p>
            One file with all plots and pictures, which needs no server and no network. It is written into this folder.
          </p>
          <label class="field">
            File
            <input value={file} onInput={(event) => setFile(event.currentTarget.value)} />
          </label>
        </>
      ),
      done: ({ written }: { readonly written: string }) => `${written} was written`,
    },
  };
  return (
    <div class="row">
      <button type="button" onClick={() => setAsked(status === 'running' ? 'stop' : 'resume')}>
        {status === 'running' ? 'Stop…' : 'Resume…'}
      </button>
      {status !== 'running' && trials.some(({ best }) => best) && (
        <button type="button" onClick={() => setAsked('confirm')}>
          Confirm…
        </button>
      )}
      <a class="button" href={toRoute('rank', [study])}>
        Rank by eye
      </a>
      <button type="button" onClick={() => setAsked('page')}>
        Save as a page…
      </button>
      <ActionDialog action={asked && actions[asked]} onClose={() => setAsked(undefined)} />
    </div>
  );
}

function nameOf(number: number): string {
  return number === 0 ? 'the workflow as it is' : `trial ${number}`;
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
  const [asked, setAsked] = useState<'promote' | 'apply'>();
  const trial = report.trials.find((one) => one.number === number);
  if (!trial) return null;
  const { params, values = [], rank, reason, commit, pictures, runner, best } = trial;
  const { point, objectives, parameters, study, base } = report;
  const rev = trialRev(report, trial.number);
  const name = `${study}/${trial.number}`;
  const apply: Action<ExpApplyOutput> = {
    title: `Apply trial ${trial.number}`,
    path: 'exp/apply',
    body: { trial: name },
    button: 'Apply',
    preview: ({ picks }) => (
      <>
        <p>
          Its edits are repeated on the current branch as one commit, and the file is written. Undo takes that back.
        </p>
        <p>{changesText(report, trial)}</p>
        {picks.map(({ of, kind, conflicts }) => (
          <p key={of}>
            {kind === 'done' && 'They go in without a conflict.'}
            {kind === 'empty' && 'They are here already: nothing will change.'}
            {kind === 'conflict' &&
              `The branch changed ${conflicts.length === 1 ? 'a value' : `${conflicts.length} values`} that they change, too: it will wait for decisions.`}
          </p>
        ))}
      </>
    ),
    done: ({ picks }) =>
      picks.some(({ kind }) => kind === 'conflict')
        ? `trial ${trial.number} waits for decisions`
        : `trial ${trial.number} was applied`,
  };
  const promote: Action<ExpPromoteOutput> = {
    title: `Promote trial ${trial.number}`,
    path: 'exp/promote',
    body: { trial: name },
    button: 'Promote',
    canPreview: false,
    preview: () => (
      <p>
        A branch <code>{rev}</code> is made at its commit, which fetch and push take along. Your branch and your files
        stay as they are.
      </p>
    ),
    done: ({ branch }) => `branch ${branch} was made`,
  };
  const close = (): void => setAsked(undefined);
  return (
    <>
      <Dialog
        title={`Trial ${trial.number} of ${study}`}
        isOpen={asked === undefined}
        onClose={() => !asked && onClose()}
      >
        <div class="trial">
          {pictures.length > 0 && (
            <div class="strip">
              {pictures.map(({ id, seed }) => (
                <a key={id} href={addressOf(`outputs/${id}`)} target="_blank" rel="noreferrer">
                  <img
                    src={addressOf(`outputs/${id}`)}
                    alt={`of trial ${trial.number}${seed === undefined ? '' : `, seed ${seed}`}`}
                  />
                </a>
              ))}
            </div>
          )}
          <dl class="facts">
            <Fact name="rank">{rank !== undefined && `${best ? '★ ' : ''}${rank}`}</Fact>
            {objectives.map((objective, at) => (
              <Fact key={objective.name} name={objective.name}>
                {longText(values[at]) || 'none'}
              </Fact>
            ))}
            {parameters.map((parameter) => {
              const [value, before] = [params[parameter.name], point?.[parameter.name]];
              return (
                <Fact key={parameter.name} name={parameter.name}>
                  {longText(value) || 'none'}
                  {point && value !== before && <span class="quiet"> was {longText(before) || 'none'}</span>}
                </Fact>
              );
            })}
            <Fact name="runner">{runner}</Fact>
            <Fact name="commit">{commit && <code>{commit.slice(0, 10)}</code>}</Fact>
          </dl>
          {reason && <p class="quiet">{reason}</p>}
          <div class="row">
            <a class="button" href={toRoute('compare', [`${base}..${rev}`])}>
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
      <ActionDialog action={asked === 'apply' ? apply : undefined} onClose={close} />
      <ActionDialog action={asked === 'promote' ? promote : undefined} onClose={close} />
    </>
  );
}

/** One line of a list of facts; none where there is nothing to tell. */
function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  if (children === undefined || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
