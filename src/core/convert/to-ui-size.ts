import type { UiNode } from './to-ui-node.ts';

/** Height of a node's title, which the page draws above the node. Source: LiteGraph, `NODE_TITLE_HEIGHT`. */
export const TITLE_HEIGHT = 30;

/** Source of all numbers: LiteGraph `computeSize` and ComfyUI_frontend, which makes a new node 1.5 times as wide. */
const SLOT = 20;
const WIDGET = 24;
const BELOW_WIDGETS = 8;
const BELOW_SLOTS = 6;
const CHARACTER = 14 * 0.6;
const LEAST_WIDTH = 140;
const LEAST_WIDTH_OF_WIDGETS = 210;
const WIDER = 1.5;
/** A node with a text of several lines; each further text adds its own height. */
const TEXT_NODE = { width: 400, height: 200 };
const TEXT = 110;
/** What shows a picture, a sound or a model has room for it below its widgets. */
const PREVIEW = 216;
const VIEWS = new Set(['LOAD_3D', 'LOAD_3D_ADVANCED', 'PREVIEW_3D', 'PAINTER', 'COMPOSITOR', 'WEBCAM', 'IMAGECOMPARE']);

/**
 * The size at which the page would show a new node: sockets and widgets, texts and previews; widgets that have a socket
 * share its row.
 */
export function nodeSize({ classType, title, definition, inputs, outputs, widgets }: UiNode): [number, number] {
  const sockets = inputs.filter(({ widget }) => widget === undefined);
  const rows = Math.max(sockets.length, outputs.length, 1);
  const texts = widgets.filter(({ options }) => options.multiline === true).length;
  const others = widgets.length - texts;
  const isShowing =
    definition?.flags.includes('output_node') === true ||
    widgets.some(({ kind }) => kind === 'UPLOAD' || VIEWS.has(kind));
  const below = widgets.length > 0 ? others * WIDGET + texts * TEXT + BELOW_WIDGETS : 0;
  const height = rows * SLOT + below + BELOW_SLOTS + (isShowing ? PREVIEW : 0);
  const across = widest(sockets) + widest(outputs) + 10;
  const least = widgets.length > 0 ? LEAST_WIDTH_OF_WIDGETS : LEAST_WIDTH;
  const width = Math.max(across, (title ?? classType).length * CHARACTER, least) * WIDER;
  return [
    Math.round(Math.max(width, texts > 0 ? TEXT_NODE.width : 0)),
    Math.round(Math.max(height, texts > 0 ? TEXT_NODE.height : 0)),
  ];
}

function widest(slots: readonly { readonly name: string }[]): number {
  return slots.reduce((most, { name }) => Math.max(most, name.length * CHARACTER), 0);
}
