import type { EngineRules } from './engine-rules.ts';
import type { ServerFiles } from './file-lists.ts';
import type { PyValue } from './python-value.ts';
import { noAttribute } from './replace-classes.ts';

const SUFFIXES: readonly (readonly [suffix: string, folder: string])[] = [
  ['[output]', 'output'],
  ['[input]', 'input'],
  ['[temp]', 'temp'],
];

/**
 * Whether a name that a prompt gives for a picture, a sound or a video is there: in the input folder, or in that of its
 * suffix (`a.png [output]`). A folder is there, too. A path that leaves its folder is not, or (before engines kept it
 * in) leads wherever it leads among the three folders. Without `files` every path inside is taken for there. Throws
 * PyError AttributeError for what is no text.
 */
export function annotatedFileExists(name: PyValue, files: ServerFiles | undefined, rules: EngineRules): boolean {
  if (typeof name !== 'string') throw noAttribute(name, 'endswith');
  const [suffix, folder] = SUFFIXES.find(([one]) => name.endsWith(one)) ?? ['', 'input'];
  // The engine cuts one character more than the suffix, whatever it is.
  const path = suffix === '' ? name : name.slice(0, -(suffix.length + 1));
  if (path.includes('\0')) return false;
  const place = rules.confinesPaths ? within(folder, path) : walked(folder, path, files);
  if (place === undefined) return false;
  return files === undefined || isThere(place, files);
}

/** Stands for the folder that holds the three. */
const ROOT = '';

/** The path with `.` and `..` taken out by name; undefined where it ends outside of its folder. */
function within(folder: string, path: string): string[] | undefined {
  const place = steps(folder, path, () => true);
  return place?.[1] === folder ? place : undefined;
}

/** The path as the file system walks it, where every folder on the way must be there. */
function walked(folder: string, path: string, files: ServerFiles | undefined): string[] | undefined {
  return steps(folder, path, (place) => files === undefined || isThere(place, files, true));
}

/** Goes along a path from a folder; undefined where it is absolute, leaves the root or passes what is no folder. */
function steps(folder: string, path: string, mayPass: (place: string[]) => boolean): string[] | undefined {
  if (path.startsWith('/')) return undefined;
  const place = [ROOT, folder];
  for (const part of path.split('/')) {
    if (place.length === 0 || !mayPass(place)) return undefined;
    if (part === '..') place.pop();
    else if (part !== '' && part !== '.') place.push(part);
  }
  return place;
}

function isThere(place: readonly string[], files: ServerFiles, asFolder = false): boolean {
  const [, folder, ...rest] = place;
  if (rest.length === 0) return folder === undefined || ['input', 'output', 'temp'].includes(folder);
  const path = rest.join('/');
  // The engine makes this one itself.
  if (path === '3d' && folder === 'input') return true;
  const names = files.get(folder as string) ?? [];
  return names.some((name) => (name === path && !asFolder) || name.startsWith(`${path}/`));
}
