import { numberScale } from '../../../src/core/chart/scale.ts';
import type { RankShowOutput } from '../../../src/porcelain/rank.ts';
import { addressOf } from '../api.ts';
import { DataTable } from '../parts/table.tsx';

type Row = RankShowOutput['ranking'][number];

const WIDTH = 200;
const HEIGHT = 20;

/** The ranking that choices make, with what they leave open. */
export function Ranking({
  ranking: { ranking, choices, consistency, tieChance },
}: {
  readonly ranking: RankShowOutput;
}) {
  const ends = ranking.flatMap(({ score, error }) => [score - 1.96 * error, score + 1.96 * error]);
  const { place } = numberScale({ low: Math.min(-1, ...ends), high: Math.max(1, ...ends) }, { pad: 0.03 });
  const { circular, triads, repeats, agreeing, groups } = consistency;
  return (
    <section class="figure is-wide" aria-labelledby="ranking">
      <header>
        <h2 id="ranking">Ranking by {choices} choices</h2>
      </header>
      <p>
        <strong>{verdictOf(ranking)}</strong>
      </p>
      <DataTable
        caption="Scores by Bradley and Terry, in logits, with 95 % intervals"
        file="ranking"
        rows={ranking}
        keyOf={({ id }) => id}
        columns={[
          { name: 'rank', cell: ({ rank }) => rank, value: ({ rank }) => rank, isNumber: true },
          {
            name: 'really',
            cell: ({ rankFrom, rankTo }) => (rankFrom === rankTo ? rankFrom : `${rankFrom} to ${rankTo}`),
            value: ({ rankFrom, rankTo }) => `${rankFrom} to ${rankTo}`,
          },
          {
            name: 'picture',
            cell: ({ id, about, pictures: [picture] }) =>
              picture && (
                <img
                  class="thumb"
                  src={addressOf(`outputs/${picture}`)}
                  alt={`of ${about || id.slice(0, 10)}`}
                  loading="lazy"
                />
              ),
          },
          { name: 'what', cell: ({ about, id }) => about || id.slice(0, 10), value: ({ about, id }) => about || id },
          { name: 'interval', cell: (row) => <Interval row={row} place={place} /> },
          {
            name: 'score',
            cell: ({ score, error }) =>
              `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(2)} ± ${(1.96 * error).toFixed(2)}`,
            value: ({ score }) => score,
            isNumber: true,
          },
          {
            name: 'beats the mean',
            cell: ({ chance }) => `${Math.min(99, Math.max(1, Math.round(chance * 100)))} %`,
            value: ({ chance }) => chance,
            isNumber: true,
          },
          {
            name: 'won, lost, tied',
            cell: ({ won, lost, tied }) => `${won}, ${lost}, ${tied}`,
            value: ({ won, lost, tied }) => `${won}, ${lost}, ${tied}`,
          },
        ]}
      />
      <ul class="remarks quiet">
        {tieChance !== undefined && <li>Two equal ones tie in {Math.round(tieChance * 100)} % of the cases.</li>}
        {repeats > 0 && (
          <li>
            {agreeing} of {repeats} repeated answers agree.
          </li>
        )}
        {triads > 0 && (
          <li>
            {circular} of {triads} triples go in a circle.
          </li>
        )}
        {groups.length > 1 && <li>{groups.length} groups were never compared: their order says little.</li>}
      </ul>
    </section>
  );
}

/** What the choices say of the order, and what they do not say yet. */
function verdictOf(ranking: readonly Row[]): string {
  const settled = ranking.filter(({ rankFrom, rankTo }) => rankFrom === rankTo).length;
  if (settled === ranking.length) return 'The order is clear.';
  const first = ranking.filter(({ rankFrom }) => rankFrom === 1).length;
  return first === 1
    ? `The best one is clear; the order of ${ranking.length - settled} others is not yet.`
    : `Not clear yet: ${first} of ${ranking.length} may be the best.`;
}

function Interval({
  row: { score, error, rankTo },
  place,
}: {
  readonly row: Row;
  readonly place: (value: number) => number | undefined;
}) {
  const at = (value: number): number => (place(value) ?? 0) * WIDTH;
  const kind = rankTo === 1 ? 'interval better' : 'interval';
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path class="zero" d={`M${at(0)} 0V${HEIGHT}`} />
      <path class={kind} d={`M${at(score - 1.96 * error)} 10H${at(score + 1.96 * error)}`} />
      <circle class={kind} cx={at(score)} cy={10} r={4} />
    </svg>
  );
}
