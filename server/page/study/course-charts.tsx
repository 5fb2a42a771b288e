import { choiceScale, numberScale } from '../../../src/core/chart/scale.ts';
import type { ReportedTrial, StudyReport } from '../../../src/porcelain/study-report.ts';
import { Figure } from '../charts/figure.tsx';
import { axisLabel, longText, secondsText, valueScale } from '../charts/numbers.ts';
import { Plot } from '../charts/plot.tsx';
import { goodText, scoreScale, stateText, trialTip, useStudy } from './model.ts';

/** What trials reported between their runs, a line each. */
export function IntermediateChart({ objective }: { readonly objective: number }) {
  const { report, current, setCurrent, open, filter, isShown } = useStudy();
  const { objectives, trials, study } = report;
  const goal = objectives[objective]!;
  const reported = trials.filter(({ intermediate = [] }) => intermediate.length > 0);
  const rows = reported
    .flatMap(({ number, state, intermediate = [] }) =>
      intermediate.map(({ step, values }) => ({ number, state, step, value: values[objective] })),
    )
    .sort((a, b) => a.number - b.number || a.step - b.step);
  const steps = rows.map(({ step }) => step);
  const scale = valueScale(rows.flatMap(({ value }) => value ?? []));
  if (rows.length === 0) return null;
  return (
    <Figure
      title={`Intermediate values: ${goal.name}`}
      signs={[
        { mark: 'line', text: 'complete' },
        { mark: 'best-line', text: 'best' },
        { mark: 'wrong-line', text: 'pruned or failed' },
      ]}
      file={`${study}-intermediate`}
      rows={rows}
      keyOf={({ number, step }) => `${number}/${step}`}
      columns={[
        { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
        { name: 'step', cell: ({ step }) => step, value: ({ step }) => step, isNumber: true },
        { name: goal.name, cell: ({ value }) => longText(value), value: ({ value }) => value, isNumber: true },
        { name: 'state', cell: ({ state }) => state.toLowerCase(), value: ({ state }) => state.toLowerCase() },
      ]}
    >
      <Plot<number, number>
        name={`${goal.name} of trials between their runs`}
        x={{
          scale: numberScale(
            { low: Math.min(...steps), high: Math.max(...steps) },
            { most: Math.min(8, new Set(steps).size), pad: 0.03 },
          ),
          label: 'step',
        }}
        y={{ scale, label: axisLabel(goodText(goal), scale) }}
        keys={[report, objective, filter]}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        draw={(spot) => {
          const order = [...reported].sort((a, b) => weightOf(a) - weightOf(b));
          const lines = order.map((trial) => ({
            trial,
            spots: [...(trial.intermediate ?? [])]
              .sort((a, b) => a.step - b.step)
              .flatMap(({ step, values }) => spot(step, values[objective] ?? Number.NaN) ?? []),
          }));
          return {
            points: lines.flatMap(({ trial, spots }) => {
              const last = spots.at(-1);
              return last ? [{ key: trial.number, ...last, tip: trialTip(report, trial) }] : [];
            }),
            marks: lines.map(({ trial, spots }) => {
              const kind = trial.best ? 'best' : trial.state === 'COMPLETE' ? '' : 'wrong';
              const last = spots.at(-1);
              return (
                <g key={trial.number} class={isShown(trial) ? undefined : 'is-out'}>
                  <path
                    class={`line ${kind}`}
                    d={spots.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('')}
                  />
                  {last && (
                    <circle class={kind === 'wrong' ? 'mark hollow' : `mark ${kind}`} cx={last.x} cy={last.y} r="2.8" />
                  )}
                </g>
              );
            }),
          };
        }}
      />
    </Figure>
  );
}

/** What part of the measured trials has at most a value: the curve of a search that finds good ones is steep at its end. */
export function EdfChart({ objective }: { readonly objective: number }) {
  const { report } = useStudy();
  const { ranked, trials, study } = report;
  const goal = ranked[objective]!;
  const values = trials.flatMap(({ scores }) => scores?.[objective] ?? []).sort((a, b) => a - b);
  const scale = scoreScale(report, objective, 6);
  const rows = values.map((value, i) => ({ value, share: (i + 1) / values.length }));
  return (
    <Figure
      title={`Distribution: ${goal.name}`}
      file={`${study}-edf-${goal.name}`}
      rows={rows}
      keyOf={({ share }) => share}
      columns={[
        { name: goal.name, cell: ({ value }) => longText(value), value: ({ value }) => value, isNumber: true },
        {
          name: 'share of trials at most that',
          cell: ({ share }) => longText(share),
          value: ({ share }) => share,
          isNumber: true,
        },
      ]}
    >
      <Plot<number, number>
        name={`Share of trials by ${goal.name}`}
        x={{ scale, label: axisLabel(goodText(goal), scale) }}
        y={{ scale: numberScale({ low: 0, high: 1 }), label: 'share of trials with at most that' }}
        keys={[report, objective]}
        draw={(spot) => {
          const spots = rows.flatMap(({ value, share }) => spot(value, share) ?? []);
          const floor = spot(values[0] ?? 0, 0);
          const start = floor ? `M${floor.x} ${floor.y}` : '';
          return {
            points: [],
            marks: <path class="line" d={start + spots.map(({ x, y }) => `H${x}V${y}`).join('')} />,
          };
        }}
      />
    </Figure>
  );
}

const ROW = 26;
const UNITS = [
  [86_400 * 3, 86_400, 'days'],
  [3_600 * 3, 3_600, 'hours'],
  [60 * 3, 60, 'minutes'],
  [0, 1, 'seconds'],
] as const;

/** When each trial ran, and where. */
export function TimelineChart() {
  const { report, current, setCurrent, open } = useStudy();
  const { study, trials } = report;
  const inOrder = [...trials].sort((a, b) => a.start - b.start);
  const begin = Math.min(...inOrder.map(({ start }) => start));
  const last = Math.max(0.001, ...inOrder.map(({ end }) => end - begin));
  const [, unit, name] = UNITS.find(([from]) => last >= from)!;
  const lanes = lanesOf(inOrder);
  const names = lanes.map(({ lane }) => lane);
  return (
    <Figure
      title="Timeline"
      isWide
      signs={[
        { mark: 'dot', text: 'complete' },
        { mark: 'best', text: 'best' },
        { mark: 'hollow', text: 'pruned, failed, or as another trial' },
      ]}
      file={`${study}-timeline`}
      rows={inOrder}
      keyOf={({ number }) => number}
      columns={[
        { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
        { name: 'runner', cell: ({ runner = '' }) => runner, value: ({ runner }) => runner },
        { name: 'state', cell: stateText, value: stateText },
        {
          name: 'began after (s)',
          cell: ({ start }) => longText(start - begin),
          value: ({ start }) => start - begin,
          isNumber: true,
        },
        {
          name: 'took (s)',
          cell: ({ start, end }) => longText(end - start),
          value: ({ start, end }) => end - start,
          isNumber: true,
        },
      ]}
    >
      <Plot<number, string>
        name="When each trial ran"
        height={Math.max(110, names.length * ROW + 64)}
        x={{
          scale: numberScale({ low: 0, high: last / unit }, { most: 8, pad: 0.01 }),
          label: `${name} since the first trial`,
        }}
        y={{ scale: choiceScale([...names].reverse()), label: 'runner' }}
        keys={[report]}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        draw={(spot) => {
          const bars = lanes.flatMap(({ lane, spans }) =>
            spans.flatMap((trial) => {
              const [from, to] = [spot((trial.start - begin) / unit, lane), spot((trial.end - begin) / unit, lane)];
              return from && to ? [{ trial, from, width: Math.max(1.5, to.x - from.x - 1) }] : [];
            }),
          );
          return {
            points: bars.map(({ trial, from, width }) => ({
              key: trial.number,
              x: from.x + width / 2,
              y: from.y,
              tip: [...trialTip(report, trial), `took ${secondsText(trial.end - trial.start)}`],
            })),
            marks: bars.map(({ trial, from, width }) => (
              <rect
                key={trial.number}
                class={`bar ${trial.best ? 'best' : trial.state === 'COMPLETE' && trial.copies === undefined ? '' : 'wrong'}`}
                x={from.x}
                y={from.y - ROW / 2 + 5}
                width={width}
                height={ROW - 10}
                rx={2}
              />
            )),
          };
        }}
      />
    </Figure>
  );
}

/** Trials in lanes in which none overlaps another: one or more for each runner. */
function lanesOf(trials: readonly ReportedTrial[]): { readonly lane: string; readonly spans: ReportedTrial[] }[] {
  const lanes: { readonly runner: string; readonly spans: ReportedTrial[] }[] = [];
  for (const trial of trials) {
    const runner = trial.runner ?? 'not run';
    const free = lanes.find((one) => one.runner === runner && one.spans.at(-1)!.end <= trial.start);
    if (free) free.spans.push(trial);
    else lanes.push({ runner, spans: [trial] });
  }
  return lanes.map(({ runner, spans }, i) => {
    const before = lanes.slice(0, i).filter((one) => one.runner === runner).length;
    return { lane: before === 0 ? runner : `${runner} ${before + 1}`, spans };
  });
}

function weightOf({ best, state }: StudyReport['trials'][number]): number {
  return best ? 2 : state === 'COMPLETE' ? 1 : 0;
}
