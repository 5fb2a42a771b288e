import { CwfError } from '../../../base/errors.ts';

/** One server as it was configured. */
export interface Server {
  readonly name: string;
  /** With a slash at its end. Nothing else is ever asked. */
  readonly url: URL;
  readonly token?: string;
}

/**
 * Reads the address of a server: http or https, any host the user names, a path where a proxy has it below one. Throws
 * RUNNER_URL for anything else: a name or password in it, a query, a fragment.
 */
export function serverUrl(text: string): URL {
  const fail = (reason: string) => new CwfError('RUNNER_URL', { url: withoutLogin(text), reason });
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw fail('it is no URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw fail('it begins with neither http:// nor https://');
  if (url.username !== '' || url.password !== '')
    throw fail('it holds a name or password; name a variable in "token_env" instead');
  if (url.search !== '' || url.hash !== '') throw fail('it has a query or fragment');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** The address of a route of a server. */
export function routeUrl(server: Server, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(path.replace(/^\//, './'), server.url);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url;
}

/** What every request carries. No `Origin`: the server takes requests with another one than its own for an attack. */
export function headersOf(server: Server): Record<string, string> {
  return server.token === undefined ? {} : { authorization: `Bearer ${server.token}` };
}

function withoutLogin(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//').slice(0, 200);
}
