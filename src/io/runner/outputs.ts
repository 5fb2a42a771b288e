import { sha256 } from '../../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { visibleText } from '../../base/visible-text.ts';
import type { OutputFile, RunFacts, Runner } from './runner.ts';

/** Files of one node's output, those that may be fetched and those that may not. */
export interface NamedFiles {
  readonly files: readonly OutputFile[];
  readonly unsafe: RunFacts['unsafe'];
}

/** Files of a run, characters of a name, and how many of those are told: more is no run but an attack. */
const MOST_FILES = 10_000;
const MOST_NAME = 255;
const MOST_SHOWN = 200;
const TYPES: ReadonlySet<string> = new Set(['output', 'temp', 'input']);
/** Names that mean a device on Windows. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The files that nodes showed, in the order of the runner. A file whose name or folder leads out of the runner's
 * folders, or whose folder is not one of ComfyUI's, is never asked for.
 */
export function namedFiles(outputs: JsonObject): NamedFiles {
  const files: OutputFile[] = [];
  const unsafe: RunFacts['unsafe'][number][] = [];
  for (const [node, shown] of Object.entries(outputs)) {
    for (const [media, item] of itemsOf(shown)) {
      if (files.length + unsafe.length >= MOST_FILES) return { files, unsafe };
      const { filename, subfolder = '', type = 'output' } = item;
      const reason = whyUnsafe(filename!, subfolder, type);
      if (reason === undefined) {
        const place = { filename: filename as string, subfolder: subfolder as string };
        files.push({ node, media, ...place, type: type as OutputFile['type'] });
      } else unsafe.push({ node, file: shownName(filename!), reason });
    }
  }
  return { files, unsafe };
}

/**
 * Fetches all outputs of a run, one after the other, and hands each on. Returns them with the sha256 of their bytes.
 * Throws what `Runner.fetch` and `save` throw.
 */
export async function fetchOutputs(
  runner: Runner,
  outputs: readonly OutputFile[],
  save: (file: OutputFile, bytes: Uint8Array) => Promise<void>,
  signal?: AbortSignal,
): Promise<OutputFile[]> {
  const fetched: OutputFile[] = [];
  for (const file of outputs) {
    const bytes = await runner.fetch(file, signal);
    const known = { ...file, sha256: sha256(bytes) };
    await save(known, bytes);
    fetched.push(known);
  }
  return fetched;
}

/** Members of the lists that a node showed which name a file. */
function itemsOf(shown: Json): [media: string, item: JsonObject][] {
  if (!isObject(shown)) return [];
  return Object.entries(shown).flatMap(([media, list]) =>
    (Array.isArray(list) ? list : [])
      .filter(isObject)
      .filter((item) => Object.hasOwn(item, 'filename'))
      .map((item): [string, JsonObject] => [media, item]),
  );
}

function whyUnsafe(filename: Json, subfolder: Json, type: Json): string | undefined {
  if (typeof filename !== 'string' || typeof subfolder !== 'string') return 'its name is no text';
  if (typeof type !== 'string' || !TYPES.has(type)) return 'its folder is none of output, temp and input';
  if (filename === '' || filename.length > MOST_NAME || subfolder.length > 4 * MOST_NAME) return 'its name is no name';
  if (/[/\\]|^[a-z]:/i.test(filename) || filename === '.' || filename === '..') return 'its name is a path';
  if (DEVICE.test(filename)) return 'its name is that of a device';
  if (visibleText(filename) !== filename || visibleText(subfolder) !== subfolder) return 'its name hides characters';
  const isOutside = /^([/\\]|[a-z]:)/i.test(subfolder) || subfolder.split(/[/\\]/).includes('..');
  return isOutside ? 'its subfolder leads out of its folder' : undefined;
}

function shownName(name: Json): string {
  return visibleText(typeof name === 'string' ? name.slice(0, MOST_SHOWN) : typeof name);
}
