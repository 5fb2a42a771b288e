import { type Box, HEAD, LINE, slotLines } from './boxes.ts';
import type { Wire } from './scene.ts';

/**
 * A curve from the right of one box to the left of another: from slot to slot; where boxes have none, from the head to the
 * line that speaks of the input, or to the head.
 */
export function wirePath({ input, slot }: Pick<Wire, 'input' | 'slot'>, from: Box, to: Box): string {
  const out = from.item.slots?.outputs.findIndex(({ key }) => key === slot) ?? -1;
  const into = to.item.slots?.inputs.findIndex(({ key }) => key === input) ?? -1;
  const line = to.lines.findIndex((one) => one.input === input);
  const [x1, y1] = [from.x + from.w, from.y + lineAt(out)];
  const [x2, y2] = [to.x, to.y + lineAt(into >= 0 || line < 0 ? into : line + slotLines(to.item))];
  const bend = Math.max(24, Math.min(Math.abs(x2 - x1) / 2, 120));
  const [a, b, c, d] = [x1 + bend, y1, x2 - bend, y2].map(round);
  return `M${round(x1)} ${round(y1)}C${a} ${b} ${c} ${d} ${round(x2)} ${round(y2)}`;
}

/** The middle of a line of a box; of the head for -1. */
function lineAt(line: number): number {
  return line < 0 ? HEAD / 2 : HEAD + 3 + (line + 0.5) * LINE;
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
