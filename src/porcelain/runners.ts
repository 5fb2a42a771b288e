import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { comfyuiRunner } from '../io/runner/comfyui/runner.ts';
import { embeddedRunner } from '../io/runner/embedded/runner.ts';
import { engineWorkerFile } from '../io/runner/embedded/worker-file.ts';
import type { Runner } from '../io/runner/runner.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';

/** The name of cwf's own runner. */
export const EMBEDDED = 'embedded';

/** Runners while they are in use. */
export interface OpenRunners {
  /** At least one. */
  readonly runners: readonly Runner[];
  /** Interrupts what runs, and removes what the embedded engine left. */
  close(): Promise<void>;
}

/**
 * The runners that a run may go to: the one called `on` (a name of `.cwfrc`, `embedded`, or the address of a server),
 * else all of `.cwfrc`, else the embedded engine. Nothing is asked of them yet. Throws RUNNER_NOT_FOUND, CONFIG_INVALID
 * and RUNNER_URL.
 */
export async function openRunners(ctx: Context, on?: string): Promise<OpenRunners> {
  const { config, env } = ctx;
  if (on === EMBEDDED || (on === undefined && config.runners.length === 0)) return openEmbedded(ctx);
  const runners = on === undefined ? configuredRunners(config, env) : [runnerCalled(on, config, env)];
  return { runners, close: async () => void (await Promise.all(runners.map((one) => one.close()))) };
}

/**
 * The ComfyUI servers of `.cwfrc` as runners; nothing is asked of them yet. Throws CONFIG_INVALID for a token whose
 * variable is not set, and RUNNER_URL.
 */
export function configuredRunners({ runners }: Pick<Config, 'runners'>, env: Context['env']): Runner[] {
  return runners.map(({ name, url, token_env: variable }) => {
    if (variable === null) return comfyuiRunner({ name, url });
    const value = env[variable];
    if (value === undefined || value === '') {
      const reason = `runners: ${name}: the environment variable ${variable} is not set`;
      throw new CwfError('CONFIG_INVALID', { source: '.cwfrc', reason });
    }
    return comfyuiRunner({ name, url, token: value });
  });
}

function runnerCalled(name: string, { runners }: Config, env: Context['env']): Runner {
  const known = runners.filter((one) => one.name === name);
  if (known.length > 0) return configuredRunners({ runners: known }, env)[0]!;
  if (/^https?:\/\//i.test(name)) return comfyuiRunner({ name: hostOf(name), url: name });
  throw new CwfError('RUNNER_NOT_FOUND', {
    runner: name,
    known: [...runners.map((one) => one.name), EMBEDDED].join(', '),
  });
}

/** `127.0.0.1:8188`: what a server is called that has no name. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** The embedded engine, with folders of its own for as long as it is open. */
async function openEmbedded(ctx: Context): Promise<OpenRunners> {
  const top = mkdtempSync(join(tmpdir(), 'cwf-run-'));
  const folders = { input: join(top, 'input'), output: join(top, 'output'), temp: join(top, 'temp') };
  const catalog = await ctx.loadCatalog();
  const runner = embeddedRunner({ name: EMBEDDED, catalog, folders, workerFile: engineWorkerFile() });
  const close = async () => {
    await runner.close();
    rmSync(top, { recursive: true, force: true });
  };
  return { runners: [runner], close };
}
