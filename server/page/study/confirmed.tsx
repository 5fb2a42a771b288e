import { withError } from '../../../src/core/chart/ticks.ts';
import { longText } from '../charts/numbers.ts';
import { useStudy } from './model.ts';

/** The trials that were run under seeds that the study did not have; nothing where none was. */
export function Confirmed() {
  const { report, open } = useStudy();
  const { ranked, trials, confirmed } = report;
  if (!confirmed) return null;
  const { against } = confirmed;
  const found = new Map(trials.map(({ number, scores }) => [number, scores]));
  return (
    <section class="figure is-wide board" aria-labelledby="confirmed">
      <header>
        <h2 id="confirmed">Under seeds that it did not have</h2>
        <span class="quiet">means with their standard errors, differences with 95 % limits</span>
      </header>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">trial</th>
              <th scope="col" class="number">
                seeds
              </th>
              {ranked.map(({ name }) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
              {ranked.map(({ name }) => (
                <th key={name} scope="col" class="number">
                  {ranked.length > 1 ? `${name} as found` : 'as found'}
                </th>
              ))}
              <th scope="col">{against === undefined ? '' : `against trial ${against}`}</th>
            </tr>
          </thead>
          <tbody>
            {confirmed.trials.map((row) => (
              <tr key={row.number} class={row.isBest ? 'is-best' : ''}>
                <td>
                  {row.isBest && <span title="best under these seeds">★ </span>}
                  <button type="button" class="link" onClick={() => open(row.number)}>
                    trial {row.number}
                  </button>
                </td>
                <td class="number">{row.failed > 0 ? `${row.seeds} of ${row.seeds + row.failed}` : row.seeds}</td>
                {ranked.map(({ name }, j) => (
                  <td key={name} class="number">
                    {withError(row.values[j], row.errors[j])}
                  </td>
                ))}
                {ranked.map(({ name }, j) => (
                  <td key={name} class="number">
                    {longText(found.get(row.number)?.[j])}
                  </td>
                ))}
                <td>{row.verdict}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
