import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { Catalog, InputDefinition } from '../core/catalog/catalog.ts';
import { outputType, TYPE_BYTES } from '../io/outputs/type.ts';
import type { InputFile } from '../io/runner/runner.ts';
import type { RunInput } from './run-note.ts';
import { type Literal, literalsOf } from './run-prompt.ts';

/** Files that a prompt names, and those of them that go along. */
export interface GatheredInputs {
  readonly files: readonly InputFile[];
  readonly noted: readonly RunInput[];
}

/** Bytes of one file; ComfyUI takes 100 MB in one request. */
const MOST_BYTES = 100_000_000;
const UPLOAD = /_upload$/;

/**
 * The files that inputs of a prompt name, read from a folder. One that is not there is left to the runner if that
 * offers it. Only pictures, videos and sounds inside the folder are ever read. Throws RUN_INPUT_MISSING.
 */
export function gatherInputs(prompt: JsonObject, catalog: Catalog, folder: string): GatheredInputs {
  const files: InputFile[] = [];
  const noted: RunInput[] = [];
  for (const literal of literalsOf(prompt, catalog, isUpload)) {
    const { node, input, value, definition } = literal;
    const name = typeof value === 'string' ? inputName(value) : undefined;
    if (name === undefined) continue;
    const bytes = readInside(folder, name);
    if (bytes) {
      files.push({ node, input, bytes, extension: extname(name) });
      noted.push({ node, input, file: name, sha256: sha256(bytes) });
    } else if (offers(definition, value as string)) noted.push({ node, input, file: name });
    else throw missing(literal, name, folder);
  }
  return { files, noted };
}

/** An input whose files lie in the input folder, by a shipped definition or by a server's; others are the server's own. */
function isUpload({ options }: InputDefinition): boolean {
  const isFilled = Object.entries(options).some(([key, value]) => UPLOAD.test(key) && value === true);
  return options.files === 'input' || (isFilled && (options.image_folder ?? 'input') === 'input');
}

/** The name without the folder that may stand behind it; undefined for one of another folder. */
function inputName(value: string): string | undefined {
  const [, name, folder = 'input'] = /^(.*?)(?: ?\[(input|output|temp)\])?$/s.exec(value)!;
  return folder === 'input' && name !== '' ? name : undefined;
}

function offers({ options }: InputDefinition, value: string): boolean {
  const { options: list } = options;
  return Array.isArray(list) && list.includes(value);
}

function missing({ node, classType }: Literal, file: string, folder: string): CwfError {
  return new CwfError('RUN_INPUT_MISSING', { node, class_type: classType, file, folder });
}

/** The bytes of a picture, video or sound in a folder; undefined for anything else, and for what leads out of it. */
function readInside(folder: string, name: string): Buffer | undefined {
  if (name.includes('\0') || isAbsolute(name)) return undefined;
  let fd: number | undefined;
  try {
    const top = realpathSync(folder);
    const path = realpathSync(join(top, name));
    const way = relative(top, path);
    if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES) return undefined;
    const bytes = Buffer.alloc(stat.size);
    const size = readWhole(fd, bytes);
    const isMedia = outputType(bytes.subarray(0, TYPE_BYTES)).type !== 'application/octet-stream';
    return isMedia ? bytes.subarray(0, size) : undefined;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return undefined;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readWhole(fd: number, bytes: Buffer): number {
  let size = 0;
  while (size < bytes.length) {
    const count = readSync(fd, bytes, size, bytes.length - size, size);
    if (count === 0) break;
    size += count;
  }
  return size;
}
