import type { NodePlace } from '../workflow/scopes.ts';
import { HEAD, LINE, type Line, layOut, PAD } from './boxes.ts';
import type { Row } from './rows.ts';
import { type Fate, INPUTS, OUTPUTS, type Panel, type Pictured, panelsOf, type Wire } from './scene.ts';
import type { ClassSlots, Slots } from './slots.ts';
import { round, wirePath } from './wire-path.ts';

/** Most panels of one drawing. */
const MOST_PANELS = 200;

/** A picture of a change as data: whoever draws it has to place nothing. Lengths are pixels, `y` grows downwards. */
export interface Drawing {
  /** Heights of the head and of a line of a box, and what is kept free at its sides. */
  readonly metrics: { readonly head: number; readonly line: number; readonly pad: number };
  readonly panels: readonly DrawnPanel[];
  /** Number of subgraphs that are not drawn. */
  readonly left: number;
}

/** The root, or one subgraph; its top left corner is 0, 0. */
export interface DrawnPanel {
  /** Definition, in the ids of the earlier version; absent for the root. */
  readonly scope?: string;
  /** Names of the subgraphs that lead to it. */
  readonly way: readonly string[];
  readonly fate: Fate;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly DrawnBox[];
  readonly wires: readonly DrawnWire[];
  /** Groups of the editor. */
  readonly groups: readonly {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly title: string;
  }[];
  /** Number of nodes that are not drawn. */
  readonly left: number;
}

/** One node, or the inputs or outputs of a subgraph. */
export interface DrawnBox {
  readonly key: string;
  /** The node, in the ids of the earlier version, as the lines of the diff name it; absent for the sides of a subgraph. */
  readonly place?: NodePlace;
  readonly fate: Fate;
  readonly title: string;
  readonly type?: string;
  /** Id that the file shows. */
  readonly id?: string;
  /** The subgraph that it is an instance of. */
  readonly opens?: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  /** They stand in the first lines, inputs at the left and outputs at the right. */
  readonly slots?: Slots;
  /** What stands below them; each line is of the row that it names. */
  readonly lines: readonly Line[];
  /** The same, not cut to the width of the box. */
  readonly rows: readonly Row[];
}

/** One link; `d` is its curve as SVG writes it. */
export interface DrawnWire extends Wire {
  readonly d: string;
}

/**
 * Lays out a change, or one version where both are the same: every node with its values and slots, every subgraph.
 * `classSlots` tells the slots of classes where the file does not.
 */
export function drawingOf(pictured: Pictured, classSlots: ClassSlots): Drawing {
  const panels = panelsOf(pictured, classSlots);
  return {
    metrics: { head: HEAD, line: LINE, pad: PAD },
    panels: panels.slice(0, MOST_PANELS).map(drawnPanel),
    left: Math.max(0, panels.length - MOST_PANELS),
  };
}

function drawnPanel(panel: Panel): DrawnPanel {
  const { boxes, wires, frames, width, height, left } = layOut(panel);
  const byKey = new Map(boxes.map((box) => [box.item.key, box]));
  const scope = panel.id === undefined ? {} : { scope: panel.id };
  return {
    ...scope,
    way: panel.way,
    fate: panel.fate,
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: boxes.map(({ item: { node: _node, key, ...item }, title, lines, x, y, w, h }) => ({
      ...item,
      key,
      title: title === '' ? item.title : title,
      ...(key === INPUTS || key === OUTPUTS ? {} : { place: { ...scope, node: key } }),
      x: round(x),
      y: round(y),
      w,
      h,
      lines,
    })),
    wires: wires.map((wire) => ({ ...wire, d: wirePath(wire, byKey.get(wire.from)!, byKey.get(wire.to)!) })),
    groups: frames.map(({ x, y, w, h, title }) => ({ x: round(x), y: round(y), w: round(w), h: round(h), title })),
    left,
  };
}
