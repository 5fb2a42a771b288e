import { CwfError, isCwfError } from '../base/errors.ts';
import type { Device, Runner } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import { EMBEDDED, openRunners } from './runners.ts';
import { defineVerb } from './verb.ts';

/** Which runners to ask. */
export interface RunnerListInput {
  /** Only this one: a name of `.cwfrc`, or `embedded`. */
  readonly on?: string;
}

/** A runner as it is now. Bytes. */
export interface ListedRunner {
  readonly name: string;
  /** Of a server of `.cwfrc`; absent for the embedded engine. */
  readonly url?: string;
  /** Whether a run without `--on` may go to it. */
  readonly isUsual: boolean;
  /** Why it cannot be asked, and what to do; all below is absent then. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  /** Prompts that run or wait there, of everybody. */
  readonly queued?: number;
  readonly vramFree?: number;
  readonly devices?: readonly Device[];
  /** The version of ComfyUI, or the one whose behaviour is followed. */
  readonly engine?: string;
  /** How many node classes it runs. */
  readonly classes?: number;
}

/** Servers that do not answer within so many milliseconds are not waited for. */
const PATIENCE_MS = 10_000;

/** `cwf runner ls`: the servers of `.cwfrc` and the embedded engine, each asked now. Throws RUNNER_NOT_FOUND. [RN-34] */
export const runnerLs = defineVerb<RunnerListInput, { readonly runners: readonly ListedRunner[] }>({
  name: 'runner ls',
  summary: 'List the runners: whether each can be reached, how busy it is, and what it has',
  mutates: false,
  async run(ctx, { on }) {
    const { runners: known } = ctx.config;
    const names = [...known.map(({ name }) => name), EMBEDDED].filter((name) => on === undefined || name === on);
    if (names.length === 0)
      throw new CwfError('RUNNER_NOT_FOUND', {
        runner: on!,
        known: [...known.map(({ name }) => name), EMBEDDED].join(', '),
      });
    const runners = names.map(async (name): Promise<ListedRunner> => {
      const url = known.find((one) => one.name === name)?.url;
      const isUsual = name !== EMBEDDED || known.length === 0;
      const about = { name, ...(url === undefined ? {} : { url }), isUsual };
      try {
        return { ...about, ...(await asked(ctx, name, url)) };
      } catch (error) {
        if (!isCwfError(error)) throw error;
        const { code, message, hint } = error;
        return { ...about, error: { code, message, hint } };
      }
    });
    return { runners: await Promise.all(runners) };
  },
});

async function asked(ctx: Context, name: string, url = ''): Promise<Partial<ListedRunner>> {
  const { runners, close } = await openRunners(ctx, name);
  try {
    return await standing(runners[0]!, url);
  } finally {
    await close();
  }
}

async function standing(runner: Runner, url: string): Promise<Partial<ListedRunner>> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const [{ queued, vramFree }, { environment, classes }] = await Promise.all([
      runner.load(patience),
      runner.capabilities(patience),
    ]);
    const { engine, devices } = environment;
    return {
      queued,
      ...(vramFree === undefined ? {} : { vramFree }),
      devices,
      ...(engine === undefined ? {} : { engine }),
      classes: classes.size,
    };
  } catch (error) {
    if (!patience.aborted || isCwfError(error)) throw error;
    const reason = `no answer within ${PATIENCE_MS / 1000} s`;
    throw new CwfError('RUNNER_UNREACHABLE', { runner: runner.name, url, reason });
  }
}
