import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CwfError } from '../src/base/errors.ts';
import type { Exchange } from './app-env.ts';
import { builtFile } from './built.ts';

/** The files of the page that are loaded at once, by their names. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
  /** What the script needs first. */
  readonly first: readonly string[];
}

const LIST = 'page/page.json';

/** What the build made of `server/page`. Throws BUG where there is none. */
export function pageFiles(): PageFiles {
  return JSON.parse(readFileSync(builtFile(LIST), 'utf8'));
}

/** `GET /page/<file>`: a script or style of the page. Their names say what is in them, so they are kept. [SV-32] */
export async function sendPageFile(c: Exchange): Promise<Response> {
  const file = c.req.param('file') ?? '';
  const type = /^[\w-]+\.js$/.test(file) ? 'text/javascript' : /^[\w-]+\.css$/.test(file) ? 'text/css' : undefined;
  const bytes = type && (await readFile(join(dirname(builtFile(LIST)), file)).catch(() => undefined));
  if (!bytes) throw new CwfError('ROUTE_NOT_FOUND', { path: c.req.path.slice(0, 100) });
  return c.body(new Uint8Array(bytes), 200, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'private, max-age=31536000, immutable',
  });
}
