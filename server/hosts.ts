import { isIP } from 'node:net';
import { CwfError } from '../src/base/errors.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether nobody but this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * The Host headers that a server answers to: its own names with its port, and those it was told, with and without one,
 * since what stands before it may have another. Nothing else: not `127.0.0.1.example.org`, not `localhost.`. [SV-10]
 */
export function hostNames(host: string, port: number, told: readonly string[]): ReadonlySet<string> {
  const own = isLoopback(host) ? LOOPBACK : isIP(host) === 6 ? [`[${host}]`] : [host];
  const named = told.flatMap((name) => [name.toLowerCase(), `${name.toLowerCase()}:${port}`]);
  return new Set([...own.map((name) => `${name.toLowerCase()}:${port}`), ...named]);
}

/** A name as `--allow-host` takes it. Throws SERVER_HOST. */
export function checkHostName(name: string): string {
  const isName = /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,62})(\.[a-z\d][a-z\d-]{0,62})*$/i.test(name);
  const isAddress = /^\[.*\]$/.test(name) && isIP(name.slice(1, -1)) === 6;
  if (isName || isAddress) return name;
  throw new CwfError('SERVER_HOST', { host: name.slice(0, 100) });
}

/**
 * Refuses to be reached from elsewhere where nobody said who may come: the token of a start is for this machine, its
 * link would go over the network in clear. Throws SERVER_OPEN. [SV-9]
 */
export function refuseOpen(host: string, told: readonly string[], tokens: number): void {
  if (isLoopback(host)) return;
  if (tokens === 0)
    throw new CwfError('SERVER_OPEN', {
      host,
      reason: 'it has no token yet',
      next: 'Make one with `cwf token add <actor> --scope <scope>`, or leave out --host.',
    });
  if (told.length === 0 && (host === '0.0.0.0' || host === '::'))
    throw new CwfError('SERVER_OPEN', {
      host,
      reason: 'by which name is not said',
      next: 'Say so with --allow-host <name>, or name one address with --host.',
    });
}
