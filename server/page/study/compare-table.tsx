import { useState } from 'preact/hooks';
import type { ReportedTrial } from '../../../src/porcelain/study-report.ts';
import { addressOf } from '../api.ts';
import { longText, secondsText } from '../charts/numbers.ts';
import { AbSlider } from '../parts/ab-slider.tsx';
import { toRoute } from '../route.ts';
import { stateText, trialRev, useStudy } from './model.ts';

/** The chosen trials beside each other, a column each. */
export function CompareTable() {
  const { report, chosen, toggle, open } = useStudy();
  const [isAll, setAll] = useState(false);
  const trials = report.trials.filter(({ number }) => chosen.has(number));
  if (trials.length < 2) return null;
  const rows = rowsOf(report, trials).filter(({ texts }) => isAll || new Set(texts).size > 1);
  const [a, b] = [...trials].sort((p, q) => p.number - q.number);
  return (
    <section class="figure is-wide compared" aria-labelledby="compared">
      <header>
        <h2 id="compared">Compared: {trials.length} trials</h2>
        <button type="button" aria-pressed={!isAll} onClick={() => setAll(!isAll)}>
          Only what differs
        </button>
        {trials.length === 2 && (
          <a href={toRoute('compare', [`${trialRev(report, a!.number)}..${trialRev(report, b!.number)}`])}>
            Difference as a graph
          </a>
        )}
        <button type="button" onClick={() => chosen.forEach(toggle)}>
          Clear
        </button>
      </header>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">what</span>
              </th>
              {trials.map(({ number, best }) => (
                <th key={number} scope="col">
                  <button type="button" class="link" onClick={() => open(number)}>
                    {best ? '★ ' : ''}trial {number}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {trials.some(({ pictures }) => pictures.length > 0) && (
              <tr>
                <th scope="row">picture</th>
                {trials.map(({ number, pictures: [picture] }) => (
                  <td key={number}>
                    {picture && (
                      <img
                        class="thumb is-large"
                        src={addressOf(`outputs/${picture.id}`)}
                        alt={`of trial ${number}`}
                        loading="lazy"
                      />
                    )}
                  </td>
                ))}
              </tr>
            )}
            {rows.map(({ name, texts }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {trials.map(({ number }, i) => (
                  <td key={number}>{texts[i]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p>Nothing differs.</p>}
      {trials.length === 2 && a?.pictures[0] && b?.pictures[0] && (
        <details>
          <summary>One picture over the other</summary>
          <AbSlider
            before={addressOf(`outputs/${a.pictures[0].id}`)}
            after={addressOf(`outputs/${b.pictures[0].id}`)}
            names={[`trial ${a.number}`, `trial ${b.number}`]}
          />
        </details>
      )}
    </section>
  );
}

function rowsOf(
  { objectives, parameters }: Parameters<typeof trialRev>[0],
  trials: readonly ReportedTrial[],
): { readonly name: string; readonly texts: readonly string[] }[] {
  const row = (name: string, text: (trial: ReportedTrial) => string) => ({ name, texts: trials.map(text) });
  return [
    row('rank', ({ rank }) => longText(rank)),
    row('state', stateText),
    ...objectives.map(({ name }, at) => row(name, ({ values }) => longText(values?.[at]))),
    ...parameters.map(({ name }) => row(name, ({ params }) => longText(params[name]) || 'none')),
    row('took', ({ start, end }) => secondsText(end - start)),
    row('runner', ({ runner = '' }) => runner),
  ];
}
