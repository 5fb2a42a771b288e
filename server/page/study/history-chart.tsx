import type { Step } from '../../../src/plan/optimize/results/progress.ts';
import type { ReportedTrial, StudyReport } from '../../../src/porcelain/study-report.ts';
import { Cross, Figure, type Sign } from '../charts/figure.tsx';
import { axisLabel, longText, trialScale, valueScale } from '../charts/numbers.ts';
import { Plot } from '../charts/plot.tsx';
import type { Column } from '../parts/table.tsx';
import { goodText, scoreScale, trialTip, useStudy } from './model.ts';

/** The values of trials in their order, with the best so far. */
export function HistoryChart({ objective }: { readonly objective: number }) {
  const { report, current, setCurrent, open, filter, isShown } = useStudy();
  const { ranked, trials, progress } = report;
  const goal = ranked[objective]!;
  const steps = progress[objective] ?? [];
  const better = new Set(steps.filter(({ isBetter }) => isBetter).map(({ number }) => number));
  const best = new Map(steps.map(({ number, value }) => [number, value]));
  const inOrder = [...trials].sort((a, b) => a.number - b.number);
  const scale = scoreScale(report, objective);
  return (
    <Figure
      title={`History: ${goal.name}`}
      isWide={ranked.length === 1}
      signs={signsOf(report)}
      file={`${report.study}-history-${goal.name}`}
      rows={inOrder}
      keyOf={({ number }) => number}
      columns={historyColumns(goal.name, objective, best)}
    >
      <Plot
        name={`${goal.name} by trial, with the best so far`}
        x={{ scale: trialScale(trials.map(({ number }) => number)), label: 'trial' }}
        y={{ scale, label: axisLabel(goodText(goal), scale) }}
        keys={[report, objective, filter]}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        draw={(spot, { top, height }) => {
          const places = inOrder.map((trial) => {
            const value = trial.scores?.[objective];
            const floor = { x: spot(trial.number, 0)?.x ?? 0, y: top + height - 7 };
            const place = (value === undefined ? undefined : spot(trial.number, value)) ?? floor;
            return { trial, place, isMeasured: value !== undefined };
          });
          return {
            points: places.map(({ trial, place }) => ({ key: trial.number, ...place, tip: trialTip(report, trial) })),
            marks: (
              <>
                <path class="line best" d={stair(steps, spot)} />
                {places.map(({ trial, place: { x, y }, isMeasured }) =>
                  isMeasured ? (
                    <circle
                      key={trial.number}
                      class={markClass(trial, better.has(trial.number), isShown(trial))}
                      cx={x}
                      cy={y}
                      r={better.has(trial.number) ? 4.5 : 3.4}
                    />
                  ) : (
                    <Cross key={trial.number} x={x} y={y} isFaint={!isShown(trial)} />
                  ),
                )}
              </>
            ),
          };
        }}
      />
    </Figure>
  );
}

/** The hypervolume of the front after each trial. */
export function VolumeChart() {
  const { report } = useStudy();
  const { volume = [], trials, study } = report;
  return (
    <Figure
      title="History: hypervolume of the front"
      file={`${study}-hypervolume`}
      rows={volume}
      keyOf={({ number }) => number}
      columns={[
        { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
        { name: 'hypervolume', cell: ({ value }) => longText(value), value: ({ value }) => value, isNumber: true },
      ]}
    >
      <Plot<number, number>
        name="Hypervolume of the front by trial"
        height={320}
        x={{ scale: trialScale(trials.map(({ number }) => number)), label: 'trial' }}
        y={{ scale: valueScale(volume.map(({ value }) => value)), label: 'large is good' }}
        keys={[report]}
        draw={(spot) => ({ points: [], marks: <path class="line best" d={stair(volume, spot)} /> })}
      />
    </Figure>
  );
}

/** Class of the mark of a measured trial. */
export function markClass({ violation = 0 }: ReportedTrial, isBest: boolean, isShown: boolean): string {
  const kind = violation > 0 ? 'mark hollow' : isBest ? 'mark best' : 'mark';
  return isShown ? kind : `${kind} faint`;
}

/** The signs of trials that a study has. */
export function signsOf({ trials }: StudyReport, best = 'new best'): Sign[] {
  const has = (test: (trial: ReportedTrial) => boolean): boolean => trials.some(test);
  return [
    { mark: 'dot', text: 'trial' },
    { mark: 'best', text: best },
    ...(has(({ violation = 0 }) => violation > 0) ? [{ mark: 'hollow', text: 'over a limit' } as const] : []),
    ...(has(({ scores }) => !scores) ? [{ mark: 'cross', text: 'no value: failed or pruned' } as const] : []),
  ];
}

function stair(
  steps: readonly Step[],
  spot: (x: number, y: number) => { readonly x: number; readonly y: number } | undefined,
): string {
  return steps
    .flatMap(({ number, value }) => spot(number, value) ?? [])
    .map(({ x, y }, i) => (i === 0 ? `M${x} ${y}` : `H${x}V${y}`))
    .join('');
}

function historyColumns(
  name: string,
  objective: number,
  best: ReadonlyMap<number, number>,
): readonly Column<ReportedTrial>[] {
  return [
    { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
    {
      name,
      cell: ({ scores, state }) => (scores ? longText(scores[objective]) : state.toLowerCase()),
      value: ({ scores }) => scores?.[objective],
      isNumber: true,
    },
    {
      name: 'best so far',
      cell: ({ number }) => longText(best.get(number)),
      value: ({ number }) => best.get(number),
      isNumber: true,
    },
  ];
}
