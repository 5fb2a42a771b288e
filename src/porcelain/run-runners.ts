import { type CwfError, isCwfError } from '../base/errors.ts';
import type { Definitions, Runner } from '../io/runner/runner.ts';
import type { Context } from './context.ts';
import type { InvalidRun } from './run-check.ts';
import { type PreparedRun, prepareRun, type RunChanges } from './run-prepare.ts';
import type { RunSource } from './run-source.ts';

/** A runner with the node classes that it has. */
export interface KnownRunner {
  readonly runner: Runner;
  readonly definitions: Definitions | undefined;
}

/**
 * Asks runners for their classes. Those that cannot be asked are left out, as long as one is there. Throws what the
 * first one throws when none is, and RUNNER_AUTH.
 */
export async function knownRunners(runners: readonly Runner[], signal?: AbortSignal): Promise<KnownRunner[]> {
  const known: KnownRunner[] = [];
  let first: unknown;
  for (const runner of runners) {
    try {
      known.push({ runner, definitions: await runner.definitions(signal) });
    } catch (error) {
      if (!isSilence(error)) throw error;
      first ??= error;
    }
  }
  if (known.length === 0) throw first;
  return known;
}

/** Whether a runner is not there, or something else is in its place, as a proxy while it starts again. */
export function isSilence(error: unknown): error is CwfError {
  return isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER');
}

/** A run that some runner would take, or what speaks against it on the first of them. */
export interface Placed {
  readonly prepared: PreparedRun | InvalidRun;
  /** By whose definitions it was prepared. */
  readonly known: KnownRunner;
}

/** Prepares a run for the first runner that would take it. Throws what `prepareRun` throws where none would. */
export async function prepareFor(
  ctx: Context,
  source: RunSource,
  changes: RunChanges,
  runners: readonly KnownRunner[],
): Promise<Placed> {
  let refused: Placed | undefined;
  let failed: CwfError | undefined;
  for (const known of runners) {
    try {
      const prepared = await prepareRun(ctx, source, changes, known.definitions);
      if (prepared.kind === 'ready') return { prepared, known };
      refused ??= { prepared, known };
    } catch (error) {
      if (!isCwfError(error, 'ENGINE_CLASSES', 'RUN_INPUT_MISSING')) throw error;
      failed ??= error;
    }
  }
  if (refused) return refused;
  throw failed;
}
