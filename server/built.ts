import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CwfError } from '../src/base/errors.ts';

/** Where the build put a file: beside this code in a build, in `dist` of the project otherwise. Throws BUG. */
export function builtFile(name: string): string {
  const here = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
  for (const folder of [here, dirname(here)])
    for (const path of [join(folder, name), join(folder, 'dist', name)]) if (existsSync(path)) return path;
  throw new CwfError('BUG', { what: `${name} is not built` });
}
