import type { ToldWire } from '../../src/porcelain/connect.ts';
import type { Io } from '../io.ts';
import { clip, safe } from './safe.ts';

const WIDE = 160;

/** Prints proposed links, one a line: how sure, the input, what would feed it, and why below. */
export function printLinks(io: Io, links: readonly ToldWire[], sign = ''): void {
  const { color } = io;
  for (const { confidence, place, input, source, type, reason } of links) {
    if (io.mode === 'porcelain') {
      io.print([confidence.toFixed(3), place, input, source, type, reason].map(safe).join('\t'));
      continue;
    }
    const head = `${sign}${color.cyan(confidence.toFixed(2))}  ${color.bold(clip(`${place}: ${input}`, Math.max(io.columns, WIDE)))}`;
    io.print(`${head} ${color.dim('<-')} ${clip(source, Math.max(io.columns, WIDE))}`);
    io.print(color.dim(`${' '.repeat(sign.length)}      ${clip(reason, Math.max(io.columns, WIDE))}`));
  }
}
