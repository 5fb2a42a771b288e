import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { NodeFailure } from './failure.ts';

/** A file below a folder, also when the way there leads through links. Throws a NodeFailure for any other place. */
export function inFolder(folder: string, name: string): string {
  const path = resolve(folder, name);
  if (!isInside(folder, path) || !isInside(real(folder), real(path))) {
    throw new NodeFailure('ValueError', `'${name}' is not inside the folder ${folder}`);
  }
  return path;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

/** The place with all links followed, of the part that exists. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(real(parent), basename(path));
  }
}

/** Where the next file of a prefix goes. */
export interface SavePlace {
  readonly folder: string;
  readonly subfolder: string;
  readonly name: string;
  readonly counter: number;
}

/**
 * ComfyUI's `get_save_image_path`: fills in `%width%`, `%date%` parts and the like, takes folders out of the prefix and
 * counts on from the highest number of a file with that name. Throws a NodeFailure for a place outside `output`.
 */
export function savePlace(prefix: string, output: string, width: number, height: number, now: Date): SavePlace {
  const filled = prefix.includes('%') ? withVariables(prefix, width, height, now) : prefix;
  const normal = normalized(filled);
  const subfolder = dirname(normal) === '.' ? '' : dirname(normal);
  const name = basename(normal);
  const folder = resolve(output, subfolder);
  if (!isInside(output, folder) || !isInside(real(output), real(folder))) {
    const told = `**** ERROR: Saving image outside the output folder is not allowed.\n full_output_folder: ${folder}\n         output_dir: ${output}`;
    throw new NodeFailure('Exception', told);
  }
  return { folder, subfolder, name, counter: nextCounter(folder, name, basename(filled)) };
}

/** Python's `normpath`, which leaves no slash at the end. */
function normalized(path: string): string {
  const joined = join(path);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

function withVariables(prefix: string, width: number, height: number, now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const values: Record<string, string> = {
    width: String(width),
    height: String(height),
    year: String(now.getFullYear()),
    month: two(now.getMonth() + 1),
    day: two(now.getDate()),
    hour: two(now.getHours()),
    minute: two(now.getMinutes()),
    second: two(now.getSeconds()),
  };
  return Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`%${key}%`, value), prefix);
}

/** One more than the highest number of a file `name_<number>...`. */
function nextCounter(folder: string, name: string, prefix: string): number {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return 1;
  }
  const length = prefix.length;
  const numbers = files
    .filter((file) => file.slice(0, length + 1) === `${name}_`)
    .map(
      (file) =>
        /^\d+$/.exec(
          file
            .slice(length + 1)
            .split('.')[0]!
            .split('_')[0]!,
        )?.[0] ?? '0',
    )
    .map(Number);
  return numbers.length === 0 ? 1 : numbers.reduce((a, b) => Math.max(a, b)) + 1;
}
