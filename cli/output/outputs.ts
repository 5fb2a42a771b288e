import type { ListedOutput } from '../../src/porcelain/output.ts';
import type { Io } from '../io.ts';

/** The part of an output's name that people read and type. */
export function shortOutput(id: string): string {
  return `sha256:${id.slice(0, 12)}`;
}

/** A number of bytes as people say it: `812 B`, `1.4 MB` (1 MB = 1e6 bytes). */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [size, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** One output: `sha256:0123456789ab  image/png  1024x1024  1.4 MB`. */
export function outputLine({ color }: Io, { id, type, size, width, height, frames }: Described): string {
  const pixels = width === undefined ? '' : `  ${width}x${height}${frames === 1 ? '' : `, ${frames} frames`}`;
  return `${color.yellow(shortOutput(id))}  ${type}${pixels}  ${bytes(size)}`;
}

type Described = Pick<ListedOutput, 'id' | 'type' | 'size' | 'width' | 'height' | 'frames'>;
