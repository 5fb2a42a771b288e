import type { Parameter, ParamValue } from '../../../src/plan/optimize/space.ts';
import { Figure } from '../charts/figure.tsx';
import { axisLabel, longText, valueText } from '../charts/numbers.ts';
import { Plot } from '../charts/plot.tsx';
import { markClass } from './history-chart.tsx';
import { goodText, scaleOf, scoreScale, shade, trialTip, useStudy } from './model.ts';

/** One objective by each parameter; later trials are stronger in colour. */
export function SliceCharts({ objective }: { readonly objective: number }) {
  const { report } = useStudy();
  return (
    <div class="figures is-small">
      {report.parameters.map((parameter) => (
        <SliceChart key={parameter.name} parameter={parameter} objective={objective} />
      ))}
    </div>
  );
}

function SliceChart({ parameter, objective }: { readonly parameter: Parameter; readonly objective: number }) {
  const { report, current, setCurrent, open, filter, isShown } = useStudy();
  const { trials, ranked, study } = report;
  const { name } = parameter;
  const goal = ranked[objective]!;
  const measured = trials.filter(({ scores }) => scores !== undefined);
  const drawn = measured.filter(({ params }) => params[name] !== undefined);
  const last = Math.max(1, ...measured.map(({ number }) => number));
  const scale = scoreScale(report, objective, 4);
  const choices = 'choices' in parameter ? parameter.choices.length : 0;
  return (
    <Figure
      title={name}
      file={`${study}-${name}`}
      rows={drawn}
      keyOf={({ number }) => number}
      columns={[
        { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
        {
          name,
          cell: ({ params }) => longText(params[name]),
          value: ({ params }) => (typeof params[name] === 'boolean' ? String(params[name]) : params[name]),
          isNumber: choices === 0,
        },
        {
          name: goal.name,
          cell: ({ scores }) => longText(scores![objective]),
          value: ({ scores }) => scores![objective],
          isNumber: true,
        },
      ]}
    >
      <Plot<ParamValue, number>
        name={`${goal.name} by ${name}`}
        height={190}
        x={{ scale: scaleOf(parameter), label: '' }}
        y={{ scale, label: axisLabel(goodText(goal), scale) }}
        keys={[report, parameter, objective, filter]}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        draw={(spot, { width }) => {
          // Trials of one choice stand beside each other, or one dot would hide the others.
          const spread = choices > 0 ? 0.5 * Math.min(40, width / choices) : 0;
          const placed = drawn.flatMap((trial) => {
            const place = spot(trial.params[name]!, trial.scores![objective]!);
            const aside = spread * (((trial.number * 0.618034) % 1) - 0.5);
            return place ? [{ trial, place: { x: place.x + aside, y: place.y } }] : [];
          });
          placed.sort((p, q) => Number(p.trial.best) - Number(q.trial.best));
          return {
            points: placed.map(({ trial, place }) => ({
              key: trial.number,
              ...place,
              tip: [`${name} ${valueText(trial.params[name])}`, ...trialTip(report, trial)],
            })),
            marks: placed.map(({ trial, place: { x, y } }) => (
              <circle
                key={trial.number}
                class={`${markClass(trial, trial.best === true, isShown(trial))} ${shade(trial.number / last)}`}
                cx={x}
                cy={y}
                r={trial.best ? 4.4 : 3.2}
              />
            )),
          };
        }}
      />
    </Figure>
  );
}
