import type { StyledLine, Tone } from '../../src/base/styled-text.ts';
import type { Io } from '../io.ts';
import type { ColorName } from './color.ts';

const COLORS: Readonly<Record<Tone, ColorName>> = {
  best: 'yellow',
  mark: 'cyan',
  dim: 'dim',
  wrong: 'gray',
  name: 'bold',
};

/** Prints lines that know what their parts are, each part in its colour. */
export function printStyled({ color, print }: Pick<Io, 'color' | 'print'>, lines: readonly StyledLine[]): void {
  for (const line of lines) print(paint(color, line));
}

/** A line with each of its parts in its colour. */
export function paint(color: Io['color'], line: StyledLine): string {
  return line.map(({ text, tone }) => (tone === undefined ? text : color[COLORS[tone]](text))).join('');
}
