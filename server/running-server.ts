import type { ServerRecord } from '../src/porcelain/server-file.ts';
import { isLoopback } from './hosts.ts';

const PATIENCE_MS = 1500;

/** Whether the server of a record runs and is the one that wrote it: it knows the token. */
export async function isRunning(record: ServerRecord): Promise<boolean> {
  try {
    return (await ask(record, 'GET', '/api/session')).ok;
  } catch {
    return false;
  }
}

/** A new link to a server that runs. */
export async function newLinkOf(record: ServerRecord): Promise<string> {
  const answer = await ask(record, 'POST', '/api/session/link');
  const { path } = (await answer.json()) as { readonly path: string };
  return `${record.url}${path}`;
}

/** The token goes to this machine alone, whatever the record says. */
function ask({ url, token }: ServerRecord, method: string, path: string): Promise<Response> {
  const { hostname } = new URL(url);
  if (!isLoopback(hostname.replace(/^\[|\]$/g, ''))) throw new Error('not this machine');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(`${url}${path}`, { method, redirect: 'error', signal, headers: { authorization: `Bearer ${token}` } });
}
