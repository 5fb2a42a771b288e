import { useMemo, useRef, useState } from 'preact/hooks';
import type { ReportedTrial } from '../../../src/porcelain/study-report.ts';
import { Figure } from '../charts/figure.tsx';
import { longText } from '../charts/numbers.ts';
import { useWidth } from '../charts/width.ts';
import { FilterFields } from './filter-fields.tsx';
import { boundsBetween, type Dimension, dimensionsOf, goodnessOf, shade, trialTip, useStudy } from './model.ts';

const TOP = 44;
const HEIGHT = 280;
const FLOOR = TOP + HEIGHT;
/** Where values stand that are not there. */
const NONE = FLOOR + 20;
const SIDE = 46;
/** How near a pointer must come to a line, in pixels. */
const NEAR = 12;
/** A drag of less than this part of an axis is a click: it takes the filter away. */
const CLICK = 0.015;

interface Line {
  readonly trial: ReportedTrial;
  readonly name: string;
  /** Height on each axis, in pixels. */
  readonly at: readonly number[];
}

/**
 * A line for each trial through its parameters to what it is ranked by. Dragging along an axis shows the trials of that part
 * alone, as the fields below do.
 */
export function ParallelChart({ objective }: { readonly objective: number }) {
  const { report, current, setCurrent, open, filter, setFilter, isShown } = useStudy();
  const [element, whole] = useWidth<HTMLDivElement>(900);
  const dimensions = useMemo(() => dimensionsOf(report), [report]);
  const apart = (Math.max(whole, dimensions.length * 70) - 2 * SIDE) / Math.max(1, dimensions.length - 1);
  const width = 2 * SIDE + apart * (dimensions.length - 1);
  const lines = useMemo(() => linesOf(report, dimensions, objective), [report, dimensions, objective]);
  const shown = lines.filter(({ trial }) => isShown(trial));
  const marked = lines.find(({ trial }) => trial.number === current);
  const step = (by: number): void => {
    // The best is drawn last and comes first here.
    const order = shown.map(({ trial }) => trial.number).reverse();
    setCurrent(order[Math.min(order.length - 1, Math.max(0, order.indexOf(current ?? -1) + by))]);
  };
  const path = ({ at }: Line): string => at.map((y, i) => `${i === 0 ? 'M' : 'L'}${SIDE + i * apart} ${y}`).join('');
  const drawn = useMemo(
    () =>
      lines.map((line) => (
        <path
          key={line.trial.number}
          class={`line ${line.name}${isShown(line.trial) ? '' : ' is-out'}`}
          d={path(line)}
        />
      )),
    [lines, filter, apart],
  );
  const rows = shown.map(({ trial }) => trial).reverse();
  const goal = report.ranked[objective]!;
  return (
    <Figure
      title="Parallel coordinates"
      isWide
      signs={[
        { mark: 'line', text: `stronger is better in ${goal.name}` },
        { mark: 'best-line', text: 'best' },
      ]}
      remark={`${shown.length} of ${lines.length} measured trials shown. Drag along an axis, or use the fields, to show fewer.`}
      file={`${report.study}-parallel`}
      rows={rows}
      keyOf={({ number }) => number}
      columns={[
        { name: 'trial', cell: ({ number }) => number, value: ({ number }) => number, isNumber: true },
        ...dimensions.map(({ name, of }) => ({
          name,
          cell: (trial: ReportedTrial) => longText(of(trial)),
          value: (trial: ReportedTrial) => {
            const value = of(trial);
            return typeof value === 'boolean' ? String(value) : value;
          },
        })),
      ]}
    >
      <div
        ref={element}
        class="plot is-parallel"
        role="application"
        aria-roledescription="chart"
        aria-label="Parameters and values of trials. Arrow keys go from trial to trial, the best first."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its lines are reached by arrow keys
        tabIndex={0}
        onPointerLeave={() => setCurrent(undefined)}
        onPointerMove={(event) => {
          const { left, top } = event.currentTarget.getBoundingClientRect();
          const x = event.clientX - left + event.currentTarget.scrollLeft - SIDE;
          setCurrent(nearestLine(shown, x / apart, event.clientY - top)?.trial.number);
        }}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
          if (by === undefined && event.key !== 'Enter') return;
          event.preventDefault();
          if (by !== undefined) step(by);
          else if (current !== undefined) open(current);
        }}
      >
        <svg width={width} height={NONE + 8} aria-hidden="true">
          {drawn}
          {marked && <path class="line is-current" d={path(marked)} />}
          {dimensions.map((dimension, i) => (
            <ParallelAxis
              key={dimension.name}
              dimension={dimension}
              x={SIDE + i * apart}
              apart={apart}
              isLower={i % 2 === 1}
              anchor={i === dimensions.length - 1 ? 'end' : i === 0 ? 'start' : 'middle'}
              bounds={filter[dimension.name]}
              onBrush={(from, to) => {
                const { [dimension.name]: _, ...others } = filter;
                setFilter(
                  to - from < CLICK ? others : { ...filter, [dimension.name]: boundsBetween(dimension, from, to) },
                );
              }}
            />
          ))}
        </svg>
        {marked && (
          <div class="tip is-corner" role="status">
            {trialTip(report, marked.trial).map((line) => (
              <div key={line}>{line}</div>
            ))}
          </div>
        )}
      </div>
      <FilterFields dimensions={dimensions} />
    </Figure>
  );
}

function ParallelAxis({
  dimension: { title, scale },
  x,
  apart,
  isLower,
  anchor,
  bounds,
  onBrush,
}: {
  readonly dimension: Dimension;
  readonly x: number;
  readonly apart: number;
  readonly isLower: boolean;
  /** Names at the ends do not reach over them. */
  readonly anchor: 'start' | 'middle' | 'end';
  readonly bounds: { readonly low?: number; readonly high?: number; readonly choices?: readonly unknown[] } | undefined;
  readonly onBrush: (from: number, to: number) => void;
}) {
  const from = useRef<number | undefined>(undefined);
  const [span, setSpan] = useState<readonly [number, number]>();
  const part = (event: PointerEvent): number => {
    const box = (event.currentTarget as SVGRectElement).getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / box.height));
  };
  const most = Math.max(4, Math.floor((1.8 * apart) / 6.6));
  const name = title.length > most ? `${title.slice(0, most - 1)}…` : title;
  const shown = span ?? (bounds && heldSpan(scale, bounds));
  return (
    <g class="axis">
      <text class="label" x={x} y={isLower ? 30 : 13} text-anchor={anchor}>
        {name}
        {name !== title && <title>{title}</title>}
      </text>
      <line class="base" x1={x} x2={x} y1={TOP} y2={FLOOR} />
      {thin(scale.ticks).map(({ at, text }) => (
        <text key={at} class="halo" x={x + 6} y={TOP + (1 - at) * HEIGHT + 4}>
          {text.length > 14 ? `${text.slice(0, 13)}…` : text}
        </text>
      ))}
      {shown && (
        <rect
          class="brush"
          x={x - 7}
          width={14}
          y={TOP + (1 - shown[1]) * HEIGHT}
          height={(shown[1] - shown[0]) * HEIGHT}
        />
      )}
      <rect
        class="handle"
        x={x - 12}
        width={24}
        y={TOP}
        height={HEIGHT}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = part(event);
          setSpan([from.current, from.current]);
        }}
        onPointerMove={(event) => {
          if (from.current === undefined) return;
          const to = part(event);
          setSpan([Math.min(from.current, to), Math.max(from.current, to)]);
        }}
        onPointerUp={(event) => {
          if (from.current === undefined) return;
          const to = part(event);
          onBrush(Math.min(from.current, to), Math.max(from.current, to));
          from.current = undefined;
          setSpan(undefined);
        }}
      />
    </g>
  );
}

/** Where a filter stands on its axis. */
function heldSpan(
  { place, band = 0 }: Dimension['scale'],
  { low, high, choices }: { readonly low?: number; readonly high?: number; readonly choices?: readonly unknown[] },
): readonly [number, number] {
  if (!choices) return [low === undefined ? 0 : (place(low) ?? 0), high === undefined ? 1 : (place(high) ?? 1)];
  const at = choices.flatMap((choice) => place(choice as string) ?? []);
  return at.length === 0 ? [0, 0] : [Math.min(...at) - band / 2, Math.max(...at) + band / 2];
}

/** Ticks that have 14 pixels each. */
function thin(ticks: Dimension['scale']['ticks']): Dimension['scale']['ticks'] {
  const every = Math.ceil(ticks.length / (HEIGHT / 14));
  return ticks.filter((_, i) => i % every === 0);
}

/** The lines, the best on top. */
function linesOf(
  report: Parameters<typeof goodnessOf>[0],
  dimensions: readonly Dimension[],
  objective: number,
): Line[] {
  const goodness = goodnessOf(report, objective);
  const order = ({ number, best, violation = 0 }: ReportedTrial): number =>
    best ? 2 : violation > 0 ? -1 : goodness.get(number)!;
  return report.trials
    .filter(({ scores }) => scores !== undefined)
    .sort((a, b) => order(a) - order(b) || b.number - a.number)
    .map((trial) => ({
      trial,
      name: trial.best ? 'best' : (trial.violation ?? 0) > 0 ? 'wrong' : shade(goodness.get(trial.number)!),
      at: dimensions.map(({ scale, of }) => {
        const value = of(trial);
        const place = value === undefined ? undefined : scale.place(value);
        return place === undefined ? NONE : TOP + (1 - place) * HEIGHT;
      }),
    }));
}

/** The line that passes nearest to a place; `x` is in distances of axes. */
function nearestLine(lines: readonly Line[], x: number, y: number): Line | undefined {
  let [best, least]: [Line | undefined, number] = [undefined, NEAR];
  for (const line of lines) {
    const i = Math.min(line.at.length - 2, Math.max(0, Math.floor(x)));
    const [from, to] = [line.at[i], line.at[i + 1]];
    if (from === undefined || to === undefined) continue;
    const distance = Math.abs(from + (x - i) * (to - from) - y);
    // Of lines in one place the better one.
    if (distance <= least) [best, least] = [line, distance];
  }
  return best;
}
