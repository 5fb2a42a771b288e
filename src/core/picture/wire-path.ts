import { type Box, HEAD, LINE } from './boxes.ts';
import type { Wire } from './scene.ts';

/** A curve from the right of one box to the left of another, to the line that speaks of the input where there is one. */
export function wirePath({ input }: Pick<Wire, 'input'>, from: Box, to: Box): string {
  const line = to.lines.findIndex((one) => one.input === input);
  const [x1, y1] = [from.x + from.w, from.y + HEAD / 2];
  const [x2, y2] = [to.x, line < 0 ? to.y + HEAD / 2 : to.y + HEAD + 3 + (line + 0.5) * LINE];
  const bend = Math.max(24, Math.min(Math.abs(x2 - x1) / 2, 120));
  const [a, b, c, d] = [x1 + bend, y1, x2 - bend, y2].map(round);
  return `M${round(x1)} ${round(y1)}C${a} ${b} ${c} ${d} ${round(x2)} ${round(y2)}`;
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
