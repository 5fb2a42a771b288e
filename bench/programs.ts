import { spawnSync } from 'node:child_process';

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
