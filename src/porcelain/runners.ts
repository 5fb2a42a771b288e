import { CwfError } from '../base/errors.ts';
import { comfyuiRunner } from '../io/runner/comfyui/runner.ts';
import type { Runner } from '../io/runner/runner.ts';
import type { Config } from './config.ts';

/**
 * The ComfyUI servers of `.cwfrc` as runners; nothing is asked of them yet. Throws CONFIG_INVALID for a token whose
 * variable is not set, and RUNNER_URL.
 */
export function configuredRunners({ runners }: Config, env: NodeJS.ProcessEnv): Runner[] {
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
