import { useMemo, useRef } from 'preact/hooks';
import type { Drawing, DrawnBox, DrawnPanel, DrawnWire } from '../../../src/core/picture/drawing.ts';
import { fitText } from '../../../src/core/picture/measure.ts';
import { usePointer, type Viewport } from './use-view.ts';
import './graph.css';
import './types.css';

/** Which version is drawn: both on each other, or one of them. */
export type Side = 'both' | 'before' | 'after';

const SIGNS: Readonly<Record<DrawnBox['fate'], string>> = {
  same: '',
  added: '+',
  removed: '−',
  changed: '~',
  moved: '→',
};
/** What is drawn later lies above. */
const ORDER: readonly DrawnWire['fate'][] = ['same', 'moved', 'removed', 'added'];
/** Pixels of text in a row. */
const FONT = 11;

/** What a graph is drawn from and how it is used. */
export interface GraphProps {
  readonly label: string;
  readonly panel: DrawnPanel;
  readonly metrics: Drawing['metrics'];
  readonly side: Side;
  readonly view: Viewport;
  readonly setView: (change: (view: Viewport) => Viewport) => void;
  /** Key of the chosen box. */
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
  /** A box has the focus: it should be seen. */
  readonly onFocus: (box: DrawnBox) => void;
  /** Opens the subgraph of an instance. */
  readonly onOpen: (scope: string) => void;
  /** Keys of the boxes that were only moved about, where that is to be seen. */
  readonly placed: ReadonlySet<string>;
}

/** One panel of a drawing as SVG: nodes can be reached by Tab, opened by Enter; the rest is for the eye. */
export function Graph({
  label,
  panel,
  metrics,
  side,
  view,
  setView,
  chosen,
  onChoose,
  onFocus,
  onOpen,
  placed,
}: GraphProps) {
  const element = useRef<HTMLDivElement>(null);
  usePointer(element, setView);
  // Moving about must not make the nodes anew.
  const content = useMemo(
    () => (
      <Content
        panel={panel}
        metrics={metrics}
        side={side}
        chosen={chosen}
        onChoose={onChoose}
        onFocus={onFocus}
        onOpen={onOpen}
        placed={placed}
      />
    ),
    [panel, side, chosen, placed],
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset
    <div ref={element} class="canvas" role="group" aria-label={label}>
      {/* A layer of its own, as large as it is seen: to move it about nothing is painted anew. */}
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: the group around it has its name */}
      <svg
        width={panel.width * view.scale}
        height={panel.height * view.scale}
        viewBox={`0 0 ${panel.width} ${panel.height}`}
        style={{ transform: `translate(${Math.round(view.x)}px, ${Math.round(view.y)}px)` }}
      >
        {content}
      </svg>
    </div>
  );
}

function Content({
  panel,
  metrics,
  side,
  chosen,
  onChoose,
  onFocus,
  onOpen,
  placed,
}: Omit<GraphProps, 'label' | 'view' | 'setView'>) {
  const isSeen = ({ fate }: { readonly fate: DrawnBox['fate'] }): boolean =>
    side === 'both' || (side === 'before' ? fate !== 'added' : fate !== 'removed');
  const wires = ORDER.flatMap((fate) => panel.wires.filter((wire) => wire.fate === fate)).filter(isSeen);
  return (
    <>
      {panel.groups.map(({ x, y, w, h, title }) => (
        <g key={`${x} ${y} ${title}`} class="group">
          <rect x={x} y={y} width={w} height={h} rx={4} />
          <text x={x + 6} y={y + 14}>
            {title}
          </text>
        </g>
      ))}
      {wires.map((wire) => (
        <path
          key={`${wire.from} ${wire.to} ${wire.input} ${wire.fate}`}
          class={`wire ${wire.fate} ${typeClass(wire.type)}`}
          d={wire.d}
        />
      ))}
      {panel.boxes.filter(isSeen).map((box) => (
        <Box
          key={box.key}
          box={box}
          metrics={metrics}
          side={side}
          isChosen={box.key === chosen}
          isPlaced={placed.has(box.key)}
          onChoose={onChoose}
          onFocus={onFocus}
          onOpen={onOpen}
        />
      ))}
    </>
  );
}

function Box({
  box,
  metrics: { head, line, pad },
  side,
  isChosen,
  isPlaced,
  onChoose,
  onFocus,
  onOpen,
}: {
  readonly box: DrawnBox;
  readonly metrics: Drawing['metrics'];
  readonly side: Side;
  readonly isChosen: boolean;
  readonly isPlaced: boolean;
  readonly onChoose: (key: string) => void;
  readonly onFocus: (box: DrawnBox) => void;
  readonly onOpen: (scope: string) => void;
}) {
  const { key, fate, title, id, opens, x, y, w, h } = box;
  const sign = SIGNS[fate];
  const open = (): void => {
    if (opens !== undefined) onOpen(opens);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      class={`node ${fate}${isChosen ? ' is-chosen' : ''}${isPlaced ? ' is-placed' : ''}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabindex={fate === 'same' && opens === undefined ? -1 : 0}
      data-key={key}
      // Its name is what stands in it; this says what signs and colours say, and what was cut off.
      aria-description={spoken(box)}
      aria-pressed={isChosen}
      onClick={() => onChoose(key)}
      onFocus={() => onFocus(box)}
      onDblClick={open}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        if (isChosen) open();
        onChoose(key);
      }}
    >
      <rect class="body" width={w} height={h} rx={7} />
      <path class="head" d={`M0 ${head}V7A7 7 0 0 1 7 0H${w - 7}A7 7 0 0 1 ${w} 7V${head}Z`} />
      <text class="title" x={pad} y={15}>
        {sign === '' ? title : `${sign} ${title}`}
        {opens === undefined ? '' : ' ▸'}
      </text>
      {id !== undefined && (
        <text class="id" x={w - 6} y={15} text-anchor="end">
          {fitText(`#${id}`, 80, FONT)}
        </text>
      )}
      {box.slots && <Sockets slots={box.slots} w={w} head={head} line={line} pad={pad} />}
      <Lines box={box} side={side} head={head} line={line} pad={pad} />
    </g>
  );
}

/** What links end at and begin at, as points in the colour of their type at both sides of a box. */
function Sockets({
  slots: { inputs, outputs },
  w,
  head,
  line,
  pad,
}: { readonly slots: NonNullable<DrawnBox['slots']>; readonly w: number } & Drawing['metrics']) {
  // A side that is alone has all the room.
  const room = (inputs.length > 0 && outputs.length > 0 ? w / 2 : w) - 2 * pad;
  const sides = [
    { all: inputs, x: 0, text: pad + 2, anchor: 'start' },
    { all: outputs, x: w, text: w - pad - 2, anchor: 'end' },
  ] as const;
  return sides.flatMap(({ all, x, text, anchor }) =>
    all.map(({ key, name, type }, at) => {
      const y = head + 3 + (at + 0.5) * line;
      return (
        <g key={`${anchor} ${key}`} class={typeClass(type)}>
          <circle class="slot" cx={x} cy={y} r={4}>
            <title>{type === undefined ? name : `${name}: ${type}`}</title>
          </circle>
          <text class="plain" x={text} y={y + 3.5} text-anchor={anchor}>
            {fitText(name, room, FONT)}
          </text>
        </g>
      );
    }),
  );
}

/** The class that has the colour of a type. */
function typeClass(type = ''): string {
  return `type-${type.replaceAll(/\W/g, '_')}`;
}

function Lines({
  box: { lines, rows, w, slots },
  side,
  head,
  line,
  pad,
}: {
  readonly box: DrawnBox;
  readonly side: Side;
  readonly head: number;
  readonly line: number;
  readonly pad: number;
}) {
  const above = slots === undefined ? 0 : Math.max(slots.inputs.length, slots.outputs.length);
  return lines.map(({ pieces, row }, at) => {
    const y = head + 3 + (above + at + 1) * line - 4;
    const of = row === undefined ? undefined : rows[row];
    const isFirst = at === 0 || lines[at - 1]!.row !== row;
    // One side shows what it has, in the place where both would stand.
    const one =
      side !== 'both' && of !== undefined && !of.plain ? (isFirst ? sideText(of, side, w - 2 * pad) : '') : undefined;
    return (
      <text key={at} class="line" x={pad} y={y}>
        {one !== undefined
          ? one
          : pieces.map(({ kind, text }) => (
              <tspan key={kind} class={kind}>
                {text}
              </tspan>
            ))}
      </text>
    );
  });
}

function sideText({ name, from, to }: DrawnBox['rows'][number], side: Side, width: number): string {
  const value = side === 'before' ? from : to;
  return value === undefined ? '' : fitText(`${name} ${value}`, width, FONT);
}

/** A box in words: what it is, what became of it, and what changed in it. */
function spoken({ title, id, fate, rows, opens }: DrawnBox): string {
  const changes = rows
    .filter(({ plain }) => !plain)
    .map(({ name, from, to }) => `${name} ${from ?? 'nothing'} to ${to ?? 'nothing'}`);
  return [
    `${title}${id === undefined ? '' : ` ${id}`}`,
    ...(fate === 'same' ? [] : [fate]),
    ...changes.slice(0, 8),
    ...(opens === undefined ? [] : ['opens a subgraph']),
  ].join(', ');
}
