import type { ReportedTrial, TrialPicture } from '../../../src/porcelain/study-report.ts';
import { addressOf } from '../api.ts';
import { longText } from '../charts/numbers.ts';
import { toRoute } from '../route.ts';
import { changesText, stateText, useStudy } from './model.ts';

/** Most trials whose pictures are shown at once. */
const MOST = 60;

/** The pictures of trials, best first; those of one seed stand in one column. */
export function Pictures() {
  const { report, chosen, toggle, isShown } = useStudy();
  const shown = report.trials.filter((trial) => isShown(trial) && trial.pictures.length > 0);
  if (shown.length === 0) return <p class="quiet">No trial left a picture yet.</p>;
  const seeds = seedsOf(shown);
  const rows = shown.slice(0, MOST);
  return (
    <>
      <div class="row">
        <span class="quiet">
          {shown.length > MOST ? `The best ${MOST} of ${shown.length} trials. ` : ''}
          {seeds.length > 1 ? 'One column has one seed.' : 'All have one seed.'}
        </span>
        <span class="grow" />
        <a class="button" href={toRoute('rank', [report.study])}>
          Rank these by eye
        </a>
      </div>
      {seeds.length > 1 ? (
        <div class="scroll">
          <table class="grid">
            <thead>
              <tr>
                <th scope="col">trial</th>
                {seeds.map(({ run, seed }) => (
                  <th key={run} scope="col">
                    {seed === undefined ? `run ${run + 1}` : `seed ${seed}`}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((trial) => (
                <tr key={trial.number} class={trial.best ? 'is-best' : undefined}>
                  <th scope="row">
                    <Caption trial={trial} isChosen={chosen.has(trial.number)} toggle={toggle} />
                  </th>
                  {seeds.map(({ run }) => (
                    <td key={run}>
                      {trial.pictures
                        .filter((picture) => picture.run === run)
                        .map((picture) => (
                          <Picture key={picture.id} picture={picture} trial={trial} />
                        ))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <ul class="gallery">
          {rows.map((trial) => (
            <li key={trial.number} class={trial.best ? 'is-best' : undefined}>
              <Picture picture={trial.pictures[0]!} trial={trial} />
              <Caption trial={trial} isChosen={chosen.has(trial.number)} toggle={toggle} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Picture({ picture, trial }: { readonly picture: TrialPicture; readonly trial: ReportedTrial }) {
  const { open } = useStudy();
  const { id, seed, width, height } = picture;
  return (
    <button type="button" class="picture" onClick={() => open(trial.number)}>
      <img
        src={addressOf(`outputs/${id}`)}
        alt={`of trial ${trial.number}${seed === undefined ? '' : `, seed ${seed}`}`}
        loading="lazy"
        width={width}
        height={height}
      />
    </button>
  );
}

function Caption({
  trial,
  isChosen,
  toggle,
}: {
  readonly trial: ReportedTrial;
  readonly isChosen: boolean;
  readonly toggle: (trial: number) => void;
}) {
  const { report } = useStudy();
  const { number, rank, best, scores } = trial;
  const state = stateText(trial);
  return (
    <div class="caption">
      <label class="check">
        <input
          type="checkbox"
          checked={isChosen}
          onChange={() => toggle(number)}
          aria-label={`Compare trial ${number}`}
        />
        <strong>
          {best ? '★ ' : ''}trial {number}
        </strong>
        {rank !== undefined && <span class="quiet">rank {rank}</span>}
        {state !== 'complete' && <span class="badge">{state}</span>}
      </label>
      {scores && (
        <div>
          {report.ranked.map(({ name }, at) => (
            <div key={name}>
              {name} {longText(scores[at])}
            </div>
          ))}
        </div>
      )}
      <div class="quiet">{changesText(report, trial)}</div>
    </div>
  );
}

/** The seeds of all runs, by the number of the run. */
function seedsOf(trials: readonly ReportedTrial[]): { readonly run: number; readonly seed?: string }[] {
  const seeds = new Map<number, string | undefined>();
  for (const { pictures } of trials) for (const { run, seed } of pictures) if (!seeds.has(run)) seeds.set(run, seed);
  return [...seeds].sort(([a], [b]) => a - b).map(([run, seed]) => ({ run, ...(seed === undefined ? {} : { seed }) }));
}
