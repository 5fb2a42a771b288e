import { spawn } from 'node:child_process';

/** Opens an address in the browser of the person; where that cannot be done, the link that was printed does it. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv): void {
  const [program, ...args] = command(url);
  // No shell: the address is one argument, whatever is in it.
  const child = spawn(program, args, { env, stdio: 'ignore', detached: true, shell: false });
  child.on('error', () => undefined);
  child.unref();
}

function command(url: string): [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}
