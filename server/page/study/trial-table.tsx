import { useState } from 'preact/hooks';
import type { ReportedTrial } from '../../../src/porcelain/study-report.ts';
import { longText, secondsText } from '../charts/numbers.ts';
import { useKeys } from '../parts/keys.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { CompareTable } from './compare-table.tsx';
import { FilterFields } from './filter-fields.tsx';
import { dimensionsOf, stateText, useStudy } from './model.ts';

/** Every trial: sorted, filtered, pinned to the top, chosen to be compared. */
export function TrialTable() {
  const { report, current, chosen, toggle, open, isShown } = useStudy();
  const { study, objectives, limits, trials, point } = report;
  const [pinned, setPinned] = useState<ReadonlySet<number>>(new Set());
  const [isBrief, setBrief] = useState(true);
  useKeys({
    c: { label: 'Compare the best trial with the base, or clear', run: () => compareBest() },
  });
  const compareBest = (): void => {
    if (chosen.size > 0) for (const number of chosen) toggle(number);
    else for (const number of new Set([0, trials[0]?.number ?? 0])) toggle(number);
  };
  const varied = report.parameters.filter(
    ({ name }) => !isBrief || new Set(trials.map(({ params }) => params[name])).size > 1,
  );
  const columns: Column<ReportedTrial>[] = [
    {
      name: 'compare',
      cell: ({ number }) => (
        <input
          type="checkbox"
          aria-label={`Compare trial ${number}`}
          checked={chosen.has(number)}
          onChange={() => toggle(number)}
        />
      ),
    },
    {
      name: 'pin',
      cell: ({ number }) => (
        <button
          type="button"
          class="plain pin"
          aria-pressed={pinned.has(number)}
          aria-label={`Pin trial ${number}`}
          onClick={() =>
            setPinned(new Set([...pinned].filter((one) => one !== number).concat(pinned.has(number) ? [] : number)))
          }
        >
          {pinned.has(number) ? '◆' : '◇'}
        </button>
      ),
    },
    {
      name: 'trial',
      cell: ({ number }) => (
        <button type="button" class="link" onClick={() => open(number)}>
          {number}
        </button>
      ),
      value: ({ number }) => number,
      isNumber: true,
    },
    {
      name: 'rank',
      cell: ({ rank, best }) => (best ? `★ ${rank}` : rank),
      value: ({ rank }) => rank,
      isNumber: true,
    },
    { name: 'state', cell: (trial) => <span title={trial.reason}>{stateText(trial)}</span>, value: stateText },
    ...objectives.map(
      ({ name }, at): Column<ReportedTrial> => ({
        name,
        cell: ({ values }) => <span title={String(values?.[at] ?? '')}>{longText(values?.[at])}</span>,
        value: ({ values }) => values?.[at],
        isNumber: true,
      }),
    ),
    ...(limits.length > 0
      ? [
          {
            name: 'over limits by',
            cell: ({ violation }: ReportedTrial) => (violation ? longText(violation) : ''),
            value: ({ violation }: ReportedTrial) => violation,
            isNumber: true,
          },
        ]
      : []),
    ...varied.map(
      ({ name }): Column<ReportedTrial> => ({
        name,
        cell: ({ params }) => (
          <span class={point && params[name] === point[name] ? 'quiet' : undefined}>{longText(params[name])}</span>
        ),
        value: ({ params }) => (typeof params[name] === 'boolean' ? String(params[name]) : params[name]),
        isNumber: typeof trials[0]?.params[name] === 'number',
      }),
    ),
    {
      name: 'took',
      cell: ({ start, end }) => secondsText(end - start),
      value: ({ start, end }) => end - start,
      isNumber: true,
    },
    { name: 'runner', cell: ({ runner = '' }) => runner, value: ({ runner }) => runner },
  ];
  const rows = trials.filter(isShown);
  return (
    <>
      <div class="row">
        <button type="button" aria-pressed={isBrief} onClick={() => setBrief(!isBrief)}>
          Only what differs
        </button>
        <span class="quiet">
          {rows.length} of {trials.length} trials; what is as in the base is grey. Choose two or more to compare them.
        </span>
      </div>
      <FilterFields dimensions={dimensionsOf(report)} />
      <CompareTable />
      <div class="trials">
        <DataTable
          caption="Trials"
          columns={columns}
          rows={rows}
          keyOf={({ number }) => number}
          isCurrent={({ number }) => number === current || chosen.has(number)}
          isFirst={({ number }) => pinned.has(number)}
          most={200}
          file={`${study}-trials`}
        />
      </div>
    </>
  );
}
