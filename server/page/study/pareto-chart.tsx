import { Figure } from '../charts/figure.tsx';
import { axisLabel, longText } from '../charts/numbers.ts';
import { Plot } from '../charts/plot.tsx';
import { markClass, signsOf } from './history-chart.tsx';
import { goodText, scoreScale, shade, trialTip, useStudy } from './model.ts';

/** Trials by two of their objectives, with the front. */
export function ParetoChart({ a, b }: { readonly a: number; readonly b: number }) {
  const { report, current, setCurrent, open, filter, isShown } = useStudy();
  const { ranked, trials } = report;
  const measured = trials.filter(({ scores }) => scores !== undefined);
  const front = measured.filter(({ best }) => best);
  const last = Math.max(1, ...measured.map(({ number }) => number));
  const [one, other] = [ranked[a]!, ranked[b]!];
  const [x, y] = [scoreScale(report, a, 6), scoreScale(report, b)];
  return (
    <Figure
      title={`Pareto front: ${one.name} and ${other.name}`}
      signs={[
        ...signsOf(report, 'on the front').filter(({ mark }) => mark !== 'cross'),
        { mark: 'best-line', text: 'the front' },
      ]}
      remark="Later trials are stronger in colour."
      file={`${report.study}-pareto`}
      rows={[...front, ...measured.filter(({ best }) => !best)]}
      keyOf={({ number }) => number}
      columns={[
        { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
        ...[one, other].map(({ name }, i) => ({
          name,
          cell: ({ scores }: (typeof measured)[number]) => longText(scores![i === 0 ? a : b]),
          value: ({ scores }: (typeof measured)[number]) => scores![i === 0 ? a : b],
          isNumber: true,
        })),
        { name: 'on the front', cell: ({ best }) => (best ? 'yes' : 'no'), value: ({ best }) => (best ? 'yes' : 'no') },
      ]}
    >
      <Plot<number, number>
        name={`${one.name} against ${other.name}`}
        height={320}
        x={{ scale: x, label: axisLabel(goodText(one), x) }}
        y={{ scale: y, label: axisLabel(goodText(other), y) }}
        keys={[report, a, b, filter]}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        draw={(spot) => {
          const placed = measured.flatMap((trial) => {
            const place = spot(trial.scores![a]!, trial.scores![b]!);
            return place ? [{ trial, place }] : [];
          });
          // The front lies on top.
          placed.sort((p, q) => Number(p.trial.best) - Number(q.trial.best));
          const corners = placed.filter(({ trial }) => trial.best).sort((p, q) => p.place.x - q.place.x);
          // From point to point by the worse of both: what the front does not reach.
          const line = corners.map(({ place: { x, y } }, i) =>
            i === 0 ? `M${x} ${y}` : one.direction === 'maximize' ? `V${y}H${x}` : `H${x}V${y}`,
          );
          return {
            points: placed.map(({ trial, place }) => ({ key: trial.number, ...place, tip: trialTip(report, trial) })),
            marks: (
              <>
                {ranked.length === 2 && line.length > 1 && <path class="line best" d={line.join('')} />}
                {placed.map(({ trial, place: { x, y } }) => (
                  <circle
                    key={trial.number}
                    class={`${markClass(trial, trial.best === true, isShown(trial))} ${shade(trial.number / last)}`}
                    cx={x}
                    cy={y}
                    r={trial.best ? 4.8 : 3.4}
                  />
                ))}
              </>
            ),
          };
        }}
      />
    </Figure>
  );
}
