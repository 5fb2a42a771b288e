import { addressOf } from '../api.ts';
import { longText } from '../charts/numbers.ts';
import { changesText, goodText, stateText, useStudy } from './model.ts';

/** Most rows of the board: all trials have a table of their own. */
const MOST = 10;

/** The best trials, and what is tried now. It is drawn anew with every trial that ends. */
export function Leaderboard() {
  const { report, current, setCurrent, open } = useStudy();
  const { ranked, trials } = report;
  const rows = trials.filter(({ rank }) => rank !== undefined).slice(0, MOST);
  const latest = Math.max(...trials.map(({ number }) => number));
  const hasPictures = rows.some(({ pictures }) => pictures.length > 0);
  return (
    <section class="figure is-wide board" aria-labelledby="board">
      <header>
        <h2 id="board">Leaderboard</h2>
        {ranked.length > 1 && <span class="quiet">★ on the Pareto front</span>}
      </header>
      {rows.length === 0 ? (
        <p class="quiet">No trial has a value yet.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">
                  rank
                </th>
                <th scope="col">trial</th>
                {hasPictures && <th scope="col">picture</th>}
                {ranked.map((objective) => (
                  <th key={objective.name} scope="col" class="number" title={goodText(objective)}>
                    {objective.name} {objective.direction === 'maximize' ? '↑' : '↓'}
                  </th>
                ))}
                <th scope="col">{report.point ? 'changed from the base' : 'parameters'}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((trial) => {
                const { number, rank, best, scores = [], violation = 0, pictures } = trial;
                const [picture] = pictures;
                return (
                  <tr
                    key={number}
                    class={[best ? 'is-best' : '', number === current ? 'is-current' : ''].join(' ')}
                    onPointerEnter={() => setCurrent(number)}
                    onPointerLeave={() => setCurrent(undefined)}
                  >
                    <td class="number">
                      {best && <span title={ranked.length > 1 ? 'on the Pareto front' : 'best'}>★ </span>}
                      {rank}
                    </td>
                    <td>
                      <button type="button" class="link" onClick={() => open(number)}>
                        trial {number}
                      </button>
                      {number === latest && report.status === 'running' && <span class="badge added">new</span>}
                    </td>
                    {hasPictures && (
                      <td>
                        {picture && (
                          <img
                            class="thumb"
                            src={addressOf(`outputs/${picture.id}`)}
                            alt={`of trial ${number}`}
                            loading="lazy"
                          />
                        )}
                      </td>
                    )}
                    {scores.map((value, at) => (
                      <td key={ranked[at]!.name} class="number" title={String(value)}>
                        {longText(value)}
                      </td>
                    ))}
                    <td>
                      {violation > 0 && <span class="badge removed">{stateText(trial)}</span>}{' '}
                      {changesText(report, trial)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
