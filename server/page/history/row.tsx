import type { LogEntry } from '../../../src/porcelain/log.ts';
import { ActorBadge } from '../parts/actor.tsx';
import { Ago } from '../parts/time.tsx';
import type { TrendRow } from './trend.ts';

/** Pixels of the line of a metric. */
const TREND = 64;
const EDGE = 5;

/** One commit of the list, after its lines. */
export function Row({
  commit: { refs, subject, author, actor, op, metrics },
  isMarked,
  names,
  trend,
  height,
}: {
  readonly commit: LogEntry;
  readonly isMarked: boolean;
  /** The metrics that have a column. */
  readonly names: readonly string[];
  /** The line of the first of them. */
  readonly trend: TrendRow | undefined;
  readonly height: number;
}) {
  return (
    <>
      <span class="subject" title={subject}>
        {refs.map((ref) => (
          <span key={ref} class={ref.startsWith('HEAD') ? 'badge head' : 'badge ref'}>
            {ref}
          </span>
        ))}
        {isMarked && <span class="badge marked">marked</span>}
        {subject}
      </span>
      {trend && <Trend row={trend} height={height} />}
      {names.map((name) => (
        <span key={name} class="number">
          {metrics?.[name]?.toPrecision(5) ?? ''}
        </span>
      ))}
      <ActorBadge actor={op === undefined ? undefined : (actor ?? 'person')} author={author.name} />
      <Ago seconds={author.timestamp} />
    </>
  );
}

/** What stands above the columns of `Row`. */
export function Heads({ names }: { readonly names: readonly string[] }) {
  return (
    <div class="heads" aria-hidden="true">
      <span class="subject">Commit</span>
      {names.length > 0 && <span class="trend" style={{ width: `${TREND}px` }} />}
      {names.map((name) => (
        <span key={name} class="number" title={name}>
          {name}
        </span>
      ))}
      <span class="actor">Made by</span>
      <span class="time">When</span>
    </div>
  );
}

function Trend({ row: { top, dot, bottom }, height }: { readonly row: TrendRow; readonly height: number }) {
  const x = (share: number): number => EDGE + share * (TREND - 2 * EDGE);
  const middle = height / 2;
  const points = [
    ...(top === undefined ? [] : [[x(top), 0]]),
    ...(dot === undefined ? [] : [[x(dot), middle]]),
    ...(bottom === undefined ? [] : [[x(bottom), height]]),
  ];
  return (
    <svg class="trend" width={TREND} height={height} aria-hidden="true">
      {points.length > 1 && <path d={`M${points.map((point) => point.join(' ')).join('L')}`} />}
      {dot !== undefined && <circle cx={x(dot)} cy={middle} r="3" />}
    </svg>
  );
}
