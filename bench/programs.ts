import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Runs a program to its end and returns its wall time in ms. @throws Error with its stderr when it ends with a code
 * that is not among `codes`
 */
export function timeProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  env = process.env,
  codes: readonly number[] = [0],
): number {
  const started = performance.now();
  const { status, stderr, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const took = performance.now() - started;
  if (status === null || !codes.includes(status))
    throw new Error(`${command} ${args.slice(0, 20).join(' ')}: exit ${status}: ${error ?? stderr}`);
  return took;
}

/** Runs git with a fixed identity and without anyone's configuration. */
export function git(cwd: string, ...args: string[]): number {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@example.org',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@example.org',
  };
  return timeProgram('git', args, cwd, env);
}

/** The environment of a `cwf` that hangs on nobody's configuration. */
export function cwfEnv(): NodeJS.ProcessEnv {
  const identity = { GIT_AUTHOR_NAME: 'Bench', GIT_AUTHOR_EMAIL: 'bench@example.org' };
  return { ...process.env, ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
}

/** Runs the built command and returns what it printed. @throws Error with the end of its stderr when it fails */
export function cwf(root: string, cwd: string, ...words: readonly string[]): string {
  const args = [join(root, 'bin/cwf.cjs'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env: cwfEnv(),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(`cwf ${words.join(' ')}: exit ${status}: ${stderr.slice(-2000)}`);
  return stdout;
}
