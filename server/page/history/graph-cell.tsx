import type { LaneRow } from './lanes.ts';

/** Pixels between two lanes, and of a dot. */
const LANE = 14;
const DOT = 4.5;
/** Strands have one of so many colours (`--strand-0` and on). */
const COLOURS = 6;
/** Lanes that are drawn; what lies further right is cut off. */
const MOST = 12;

/** The piece of the graph in one row. */
export function GraphCell({
  row,
  height,
  isMerge,
}: {
  readonly row: LaneRow;
  readonly height: number;
  readonly isMerge: boolean;
}) {
  const width = graphWidth(row);
  const middle = height / 2;
  return (
    <svg class="graph" width={width} height={height} aria-hidden="true">
      {row.lines.map(({ from, to, strand }) => {
        const [x1, y1] = from === null ? [at(row.lane), middle] : [at(from), 0];
        const [x2, y2] = to === null ? [at(row.lane), middle] : [at(to), height];
        const bend = (y1 + y2) / 2;
        return (
          <path
            key={`${from} ${to}`}
            class={`strand s${strand % COLOURS}`}
            d={x1 === x2 ? `M${x1} ${y1}V${y2}` : `M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}`}
          />
        );
      })}
      {isMerge ? (
        <rect
          class={`dot s${row.strand % COLOURS}`}
          x={at(row.lane) - DOT}
          y={middle - DOT}
          width={2 * DOT}
          height={2 * DOT}
        />
      ) : (
        <circle class={`dot s${row.strand % COLOURS}`} cx={at(row.lane)} cy={middle} r={DOT} />
      )}
    </svg>
  );
}

/** Pixels that the lanes of a row take. */
export function graphWidth({ width }: Pick<LaneRow, 'width'>): number {
  return Math.min(width, MOST) * LANE + LANE;
}

function at(lane: number): number {
  return LANE * (lane + 1) - LANE / 4;
}
