import { useEffect, useState } from 'preact/hooks';
import type { ListedStudy } from '../../../src/porcelain/exp.ts';
import type { OpLogOutput } from '../../../src/porcelain/op.ts';
import type { RankNextOutput, RankOutput, RankShowOutput } from '../../../src/porcelain/rank.ts';
import type { StudyReport } from '../../../src/porcelain/study-report.ts';
import { addressOf, get, post } from '../api.ts';
import { useLoad } from '../load.ts';
import { AbSlider } from '../parts/ab-slider.tsx';
import { useKeys } from '../parts/keys.tsx';
import { say } from '../parts/say.tsx';
import { Shown, Trouble } from '../parts/shown.tsx';
import { go, type Route, toRoute } from '../route.ts';
import { Ranking } from '../study/ranking.tsx';
import './study.css';

/** So many candidates of a study are asked about at first: the best ones by its numbers. */
const SIZES = [4, 8, 16, 40];
/** After so many answers the ranking is shown. */
const ENOUGH = 5;

/** Which of two is better, again and again: `#/rank` among all that were compared, `#/rank/<study>` among its trials. */
export function View({ route }: { readonly route: Route }) {
  const study = route.parts.join('/');
  const size = Number(route.query.get('of') ?? SIZES[1]);
  const studies = useLoad((signal) => get<{ readonly studies: readonly ListedStudy[] }>('exp/ls', {}, signal), []);
  const among = useLoad(
    async (signal) => (study === '' ? [] : candidatesOf(await get<StudyReport>('exp/show', { study }, signal), size)),
    [study, size],
    { follow: false },
  );
  return (
    <>
      <div class="row">
        <h1>
          <a href={toRoute('experiments')}>Experiments</a> / rank by eye
        </h1>
        <span class="grow" />
        <label class="row">
          Among
          <select
            value={study}
            onChange={(event) =>
              go(toRoute('rank', event.currentTarget.value === '' ? [] : [event.currentTarget.value]))
            }
          >
            <option value="">all that were compared</option>
            {(studies.value?.studies ?? []).map(({ name }) => (
              <option key={name} value={name}>
                trials of {name}
              </option>
            ))}
          </select>
        </label>
        {study !== '' && (
          <label class="row">
            the best
            <select
              value={size}
              onChange={(event) => go(toRoute('rank', [study], { of: event.currentTarget.value }), true)}
            >
              {SIZES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Shown what="Candidates" of={among}>
        {(candidates) =>
          study !== '' && candidates.length < 2 ? (
            <p>The study has fewer than two trials with pictures of their own.</p>
          ) : (
            <Pairs key={candidates.join(' ')} among={candidates} />
          )
        }
      </Shown>
    </>
  );
}

/** The best trials that left pictures of their own, as revisions. */
function candidatesOf({ study, trials }: StudyReport, size: number): string[] {
  return trials
    .filter(({ copies, pictures, rank }) => copies === undefined && pictures.length > 0 && rank !== undefined)
    .slice(0, size)
    .map(({ number }) => `trial/${study}/${number}`);
}

/** What can be said of two. */
const ANSWERS = [
  { key: '1', winner: 'a', label: 'The left one is better' },
  { key: '0', winner: 'tie', label: 'No difference' },
  { key: '2', winner: 'b', label: 'The right one is better' },
] as const;

function Pairs({ among }: { readonly among: readonly string[] }) {
  const [later, setLater] = useState<RankNextOutput>();
  const [made, setMade] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const [isOver, setOver] = useState(false);
  const [error, setError] = useState<unknown>();
  const next = (signal?: AbortSignal): Promise<RankNextOutput> => get<RankNextOutput>('rank/next', { among }, signal);
  const first = useLoad(next, [], { follow: false });
  // A pair stays until the next one is there: no key is meant for a pair that was not seen.
  const pair = later ? { ...first, value: later } : first;
  const ranking = useLoad((signal) => get<RankShowOutput>('rank/show', { among }, signal), []);
  const ask = async (run: () => Promise<void>): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await run();
      setLater(await next());
      ranking.reload();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const answer = (winner: (typeof ANSWERS)[number]['winner']): void => {
    const { value } = pair;
    if (!value) return;
    void ask(async () => {
      await post<RankOutput>('rank', { candidates: [nameOf(value.a), nameOf(value.b)], winner });
      setMade((n) => n + 1);
    });
  };
  const takeBack = (): void =>
    void ask(async () => {
      const { operations } = await get<OpLogOutput>('op/log', { limit: 50 });
      const last = operations.find(({ command, undone }) => command === 'rank' && !undone);
      if (!last) {
        say('there is no choice to take back');
        return;
      }
      await post('undo', { operation: last.id });
      setMade((n) => Math.max(0, n - 1));
      say('the last choice was taken back');
    });
  useKeys({
    ...Object.fromEntries(ANSWERS.map(({ key, winner, label }) => [key, { label, run: () => answer(winner) }])),
    u: { label: 'Take the last choice back', run: takeBack },
    o: { label: 'One picture over the other, or side by side', run: () => setOver((before) => !before) },
  });
  const choices = ranking.value?.choices ?? 0;
  return (
    <>
      {error !== undefined && <Trouble error={error} />}
      <Shown what="The next pair" of={pair}>
        {(two) => (
          <section class="pair" aria-label="Which one is better?">
            {isOver && two.a.pictures[0] !== undefined && two.b.pictures[0] !== undefined ? (
              <div class="over">
                <AbSlider
                  before={addressOf(`outputs/${two.a.pictures[0]}`)}
                  after={addressOf(`outputs/${two.b.pictures[0]}`)}
                  names={['left', 'right']}
                />
              </div>
            ) : (
              <>
                <Candidate side="left" letter="1" candidate={two.a} />
                <Candidate side="right" letter="2" candidate={two.b} />
              </>
            )}
            <div class="answers">
              {ANSWERS.map(({ key, winner, label }) => (
                <button key={key} type="button" disabled={isBusy} onClick={() => answer(winner)}>
                  <kbd>{key}</kbd> {label}
                </button>
              ))}
              <button type="button" class="plain" aria-pressed={isOver} onClick={() => setOver(!isOver)}>
                <kbd>o</kbd> One over the other
              </button>
              <button type="button" class="plain" disabled={isBusy || choices === 0} onClick={takeBack}>
                <kbd>u</kbd> Take back
              </button>
              <span class="quiet" role="status">
                {made === 0 ? '' : `${made} ${made === 1 ? 'choice' : 'choices'} made now, `}
                {choices} in all among {two.candidates}. This answer tells {two.bits.toFixed(2)} bits.
              </span>
            </div>
          </section>
        )}
      </Shown>
      {choices >= ENOUGH ? (
        <Shown what="Ranking" of={ranking}>
          {(shown) => <Ranking ranking={shown} />}
        </Shown>
      ) : (
        <p class="quiet">
          The ranking is shown after {ENOUGH} choices: {ENOUGH - choices} more.
        </p>
      )}
    </>
  );
}

function Candidate({
  side,
  letter,
  candidate: { id, about, pictures },
}: {
  readonly side: 'left' | 'right';
  readonly letter: string;
  readonly candidate: RankNextOutput['a'];
}) {
  const [picture] = pictures;
  const [isThere, setThere] = useState(true);
  useEffect(() => setThere(true), [picture]);
  return (
    <figure>
      {picture !== undefined && isThere ? (
        <img
          src={addressOf(`outputs/${picture}`)}
          alt={`the ${side} one: ${about || id.slice(0, 10)}`}
          onError={() => setThere(false)}
        />
      ) : (
        <p class="quiet">Its picture is not here.</p>
      )}
      <figcaption>
        <kbd>{letter}</kbd> {side}
      </figcaption>
    </figure>
  );
}

/** What names a candidate to every command. */
function nameOf({ id, kind }: RankNextOutput['a']): string {
  return kind === 'commit' ? id : `sha256:${id}`;
}
