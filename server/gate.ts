import type { IncomingMessage } from 'node:http';
import { CwfError } from '../src/base/errors.ts';

/** Methods that any route has. */
const METHODS = new Set(['GET', 'HEAD', 'POST']);
/** Headers by which some frameworks let a request be another one than it says. */
const OVERRIDES = ['x-http-method', 'x-http-method-override', 'x-method-override'];
/** No path of ours has more than these; `%2f`, `%00`, `\` and `..` are refused before anything is decoded. */
const PATH = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?$/;
const MAX_QUERY = 16_384;

/**
 * Why a request is not looked at, by its head alone: it is for another host (a name that was bound to this address to
 * get past the browser's rules), comes from a page of another origin, or is not plainly what it seems. [SV-10] [SV-11]
 */
export function refusal(request: IncomingMessage, hosts: ReadonlySet<string>): CwfError | undefined {
  return wrongHost(request, hosts) ?? wrongTarget(request) ?? wrongMethod(request) ?? wrongOrigin(request);
}

function wrongHost({ headers, rawHeaders }: IncomingMessage, hosts: ReadonlySet<string>): CwfError | undefined {
  const given = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  const host = headers.host ?? '';
  if (given === 1 && hosts.has(host.toLowerCase())) return undefined;
  return new CwfError('HOST_REFUSED', {
    host: given > 1 ? 'two hosts at once' : host.slice(0, 100) || 'without a name',
  });
}

function wrongTarget({ url = '' }: IncomingMessage): CwfError | undefined {
  const [path = '', ...rest] = url.split('?');
  const query = rest.join('?');
  if (!PATH.test(path)) return new CwfError('REQUEST_INVALID', { reason: 'its path is not plain' });
  if (query.length > MAX_QUERY) return new CwfError('REQUEST_INVALID', { reason: 'its query is too long' });
  try {
    if (!/\0/.test(decodeURIComponent(query.replaceAll('+', ' ')))) return undefined;
  } catch {
    // Told below.
  }
  return new CwfError('REQUEST_INVALID', { reason: 'its query is not UTF-8 in percent encoding' });
}

function wrongMethod({ method = '', headers, url = '' }: IncomingMessage): CwfError | undefined {
  const override = OVERRIDES.some((name) => headers[name] !== undefined);
  if (METHODS.has(method) && !override) return undefined;
  return new CwfError('METHOD_REFUSED', {
    method: override ? 'a method in a header' : method,
    path: url.split('?')[0]!,
  });
}

/** What a browser says of where a request comes from; programs say nothing of it, and need a token all the same. */
function wrongOrigin({ headers, method }: IncomingMessage): CwfError | undefined {
  const { host = '', origin } = headers;
  const isOwn = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
  if (!isOwn) return new CwfError('ORIGIN_REFUSED', { origin: origin.slice(0, 100) });
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // A link that somebody follows: it brings no cookie along, and changes nothing.
  if (method === 'GET' && headers['sec-fetch-mode'] === 'navigate') return undefined;
  return new CwfError('ORIGIN_REFUSED', {
    origin: site === 'same-site' ? 'another port of this host' : 'another site',
  });
}
