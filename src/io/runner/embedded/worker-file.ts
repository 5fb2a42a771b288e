import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CwfError } from '../../../base/errors.ts';

const NAME = 'engine-worker.cjs';
/** Folders above this file that are looked through; the sources lie four below the project. */
const LEVELS = 5;

/** The built program of the engine's thread: beside this code in a build, in `dist` of the project otherwise. Throws BUG. */
export function engineWorkerFile(): string {
  let folder = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS; level++, folder = dirname(folder)) {
    for (const path of [join(folder, NAME), join(folder, 'dist', NAME)]) if (existsSync(path)) return path;
  }
  throw new CwfError('BUG', { what: `${NAME} is not built` });
}
