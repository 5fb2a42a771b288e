import { numberScale } from '../../../src/core/chart/scale.ts';
import type { ExpExplainOutput } from '../../../src/porcelain/exp.ts';
import { longText, valueText } from '../charts/numbers.ts';
import { type Column, DataTable } from '../parts/table.tsx';
import { useStudy } from './model.ts';

type Part = ExpExplainOutput['parts'][number];
type Change = NonNullable<Part['why']>['explanation']['changes'][number];

const WIDTH = 180;
const HEIGHT = 20;

/** Why the best trial of an objective is good: each change with its estimated effect, and how sure that is. */
export function Explanation({ part: { objective, why } }: { readonly part: Part }) {
  const { report, open } = useStudy();
  if (!why)
    return (
      <section class="figure is-wide">
        <h2>{objective}</h2>
        <p class="quiet">Nothing to explain before the base and another trial are measured.</p>
      </section>
    );
  const { changes, winner } = why.explanation;
  const hasDirect = changes.some(({ direct }) => direct !== undefined);
  const ends = changes.flatMap(({ effect, error = 0 }) =>
    effect === undefined ? [] : [effect - 1.96 * error, effect + 1.96 * error],
  );
  const { place } = numberScale({ low: Math.min(0, ...ends), high: Math.max(0, ...ends) }, { pad: 0.03 });
  return (
    <section class="figure is-wide">
      <header>
        <h2>
          {objective}:{' '}
          <button type="button" class="link" onClick={() => open(winner)}>
            trial {winner}
          </button>
        </h2>
      </header>
      <ul class="remarks">
        {why.remarks.map((remark) => (
          <li key={remark}>{remark}</li>
        ))}
      </ul>
      {changes.length === 0 ? (
        <p>Nothing is better than the base.</p>
      ) : (
        <DataTable
          caption="Changes of the winner from the base"
          file={`${report.study}-why-${objective}`}
          rows={changes}
          keyOf={({ name }) => name}
          columns={[
            { name: 'parameter', cell: ({ name }) => name, value: ({ name }) => name },
            {
              name: 'change',
              cell: ({ from, to }) => `${valueText(from) || 'none'} → ${valueText(to) || 'none'}`,
              value: ({ from, to }) => `${valueText(from) || 'none'} → ${valueText(to) || 'none'}`,
            },
            { name: '95 % interval', cell: (change) => <Interval change={change} place={place} /> },
            {
              name: 'effect of it alone',
              cell: ({ effect }) => (effect === undefined ? 'not estimated' : signed(effect)),
              value: ({ effect }) => effect,
              isNumber: true,
            },
            {
              name: '±',
              cell: ({ error }) => (error === undefined ? '' : longText(Number((1.96 * error).toPrecision(2)))),
              value: ({ error }) => (error === undefined ? undefined : 1.96 * error),
              isNumber: true,
            },
            {
              name: 'verdict',
              cell: ({ verdict }) => <span class={`badge ${VERDICTS[verdict]}`}>{verdict}</span>,
              value: ({ verdict }) => verdict,
            },
            ...(hasDirect ? [MEASURED] : []),
          ]}
        />
      )}
    </section>
  );
}

const MEASURED: Column<Change> = {
  name: 'measured',
  cell: ({ direct }) =>
    direct &&
    `${signed(direct.difference)} against ${direct.trials === 1 ? 'the trial' : `${direct.trials} trials`} without it`,
  value: ({ direct }) => direct?.difference,
};

const VERDICTS = { better: 'added', worse: 'removed', unclear: '' } as const;

function Interval({
  change: { effect, error = 0, verdict },
  place,
}: {
  readonly change: Change;
  readonly place: (value: number) => number | undefined;
}) {
  if (effect === undefined) return null;
  const at = (value: number): number => (place(value) ?? 0) * WIDTH;
  const kind = verdict === 'unclear' ? 'interval' : `interval ${verdict}`;
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path class="zero" d={`M${at(0)} 0V${HEIGHT}`} />
      <path class={kind} d={`M${at(effect - 1.96 * error)} 10H${at(effect + 1.96 * error)}`} />
      <circle class={kind} cx={at(effect)} cy={10} r={4} />
    </svg>
  );
}

function signed(value: number): string {
  const text = longText(Number(value.toPrecision(3)));
  return value > 0 ? `+${text}` : text.replace('-', '−');
}
