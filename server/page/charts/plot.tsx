import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Scale } from '../../../src/core/chart/scale.ts';
import { useWidth } from './width.ts';

/** One axis of a plot. */
export interface Axis<Value> {
  readonly scale: Scale<Value>;
  readonly label: string;
}

/** The field that the axes enclose, in pixels. */
export interface Field {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Something that can be pointed at: by the mouse, or with the arrow keys. */
export interface Point {
  readonly key: number;
  readonly x: number;
  readonly y: number;
  /** A line each. */
  readonly tip: readonly string[];
}

/** What is drawn between the axes. */
export interface Drawing {
  readonly marks: ComponentChildren;
  readonly points: readonly Point[];
}

/** Places of values in pixels; undefined where an axis has none. */
export type Spot<X, Y> = (x: X, y: Y) => { readonly x: number; readonly y: number } | undefined;

const LETTER = 6.4;
const LONGEST = 18;
/** How near a pointer must come to a point, in pixels. */
const NEAR = 26;

/**
 * A chart of two axes, as wide as there is room. What it shows is in a table beside it; here the arrow keys go from point to
 * point, and Enter opens one.
 */
export function Plot<X, Y>({
  name,
  x,
  y,
  height = 240,
  draw,
  keys,
  current,
  onCurrent,
  onOpen,
}: {
  /** What it shows, for who cannot see it. */
  readonly name: string;
  readonly x: Axis<X>;
  readonly y: Axis<Y>;
  readonly height?: number;
  readonly draw: (spot: Spot<X, Y>, field: Field) => Drawing;
  /** What the drawing is made of: it is made anew when one of them changes. */
  readonly keys: readonly unknown[];
  /** The key that is pointed at, in whichever chart. */
  readonly current?: number | undefined;
  readonly onCurrent?: ((key: number | undefined) => void) | undefined;
  readonly onOpen?: ((key: number) => void) | undefined;
}) {
  const [element, whole] = useWidth<HTMLDivElement>(480);
  const field = useMemo(() => fieldOf(x.scale, y.scale, whole, height), [...keys, whole, height]);
  const { marks, points } = useMemo(() => {
    const spot: Spot<X, Y> = (a, b) => {
      const [px, py] = [x.scale.place(a), y.scale.place(b)];
      if (px === undefined || py === undefined) return undefined;
      return { x: field.left + px * field.width, y: field.top + (1 - py) * field.height };
    };
    const drawn = draw(spot, field);
    return { marks: drawn.marks, points: [...drawn.points].sort((a, b) => a.x - b.x || a.key - b.key) };
  }, [...keys, field]);
  const [isHere, setHere] = useState(false);
  const at = points.findIndex(({ key }) => key === current);
  const shown = points[at];
  const step = (by: number): void => onCurrent?.(points[Math.min(points.length - 1, Math.max(0, at + by))]?.key);
  return (
    <div
      ref={element}
      class="plot"
      role="application"
      aria-roledescription="chart"
      aria-label={`${name}. Arrow keys go from point to point.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its points are reached by arrow keys
      tabIndex={0}
      onFocus={() => setHere(true)}
      onBlur={() => setHere(false)}
      onPointerEnter={() => setHere(true)}
      onPointerLeave={() => {
        setHere(false);
        onCurrent?.(undefined);
      }}
      onPointerMove={(event) => {
        const { left, top } = event.currentTarget.getBoundingClientRect();
        onCurrent?.(nearest(points, event.clientX - left, event.clientY - top)?.key);
      }}
      onClick={() => shown && onOpen?.(shown.key)}
      onKeyDown={(event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1, Home: -points.length, End: points.length }[event.key];
        if (by === undefined && event.key !== 'Enter' && event.key !== 'Escape') return;
        event.preventDefault();
        if (by !== undefined) step(by);
        else if (event.key === 'Escape') onCurrent?.(undefined);
        else if (shown) onOpen?.(shown.key);
      }}
    >
      <svg width={whole} height={height} aria-hidden="true">
        <Axes x={x} y={y} field={field} />
        {marks}
        {shown && <circle class="ring" cx={shown.x} cy={shown.y} r={7} />}
      </svg>
      {shown && isHere && <Tip point={shown} whole={whole} />}
    </div>
  );
}

function Tip({ point: { x, y, tip }, whole }: { readonly point: Point; readonly whole: number }) {
  const isRight = x > whole / 2;
  return (
    <div
      class="tip"
      role="status"
      style={{ top: `${y + 12}px`, ...(isRight ? { right: `${whole - x + 10}px` } : { left: `${x + 10}px` }) }}
    >
      {tip.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

function Axes<X, Y>({ x, y, field }: { readonly x: Axis<X>; readonly y: Axis<Y>; readonly field: Field }) {
  const { left, top, width, height } = field;
  const floor = top + height;
  return (
    <g class="axes">
      <text class="label" x={2} y={11}>
        {y.label}
      </text>
      {y.scale.ticks.map(({ at, text }) => {
        const level = top + (1 - at) * height;
        return (
          <g key={`y${at}`}>
            <line x1={left} x2={left + width} y1={level} y2={level} />
            <text x={left - 6} y={level + 4} text-anchor="end">
              {clipped(text)}
            </text>
          </g>
        );
      })}
      {thinned(x.scale, width).map(({ at, text }) => (
        <g key={`x${at}`}>
          <line x1={left + at * width} x2={left + at * width} y1={floor} y2={floor + 4} />
          <text x={left + at * width} y={floor + 16} text-anchor="middle">
            {clipped(text)}
          </text>
        </g>
      ))}
      <line class="base" x1={left} x2={left + width} y1={floor} y2={floor} />
      <text class="label" x={left + width} y={floor + 31} text-anchor="end">
        {x.label}
      </text>
    </g>
  );
}

function fieldOf<X, Y>(x: Scale<X>, y: Scale<Y>, whole: number, height: number): Field {
  const widest = Math.max(3, ...y.ticks.map(({ text }) => clipped(text).length));
  const left = Math.ceil(widest * LETTER) + 12;
  const last = x.ticks.at(-1);
  const right = last && last.at > 0.9 ? Math.max(10, (clipped(last.text).length * LETTER) / 2) : 10;
  return { left, top: 22, width: Math.max(40, whole - left - right), height: height - 22 - 38 };
}

/** The ticks whose texts do not run into each other. */
function thinned<X>({ ticks }: Scale<X>, width: number): Scale<X>['ticks'] {
  let end = Number.NEGATIVE_INFINITY;
  return ticks.filter(({ at, text }) => {
    const half = (clipped(text).length * LETTER) / 2 + 3;
    if (at * width - half < end) return false;
    end = at * width + half;
    return true;
  });
}

function nearest(points: readonly Point[], x: number, y: number): Point | undefined {
  let best: Point | undefined;
  let least = NEAR;
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
