import { isCwfError } from '../../base/errors.ts';
import type { OutputPlace } from './place.ts';
import { listOutputs, outputParts } from './store.ts';

/** An output whose bytes are not what its name says. */
export interface DamagedOutput {
  readonly id: string;
  /** Bytes that are there. */
  readonly size: number;
  readonly reason: string;
}

/** Reads every output and tells of each whether it is whole; `damaged` is absent then. */
export function* verifyOutputs(place: OutputPlace): Generator<{ id: string; damaged?: DamagedOutput }> {
  for (const { id, size } of listOutputs(place)) {
    const reason = faultOf(place, id);
    yield reason === undefined ? { id } : { id, damaged: { id, size, reason } };
  }
}

function faultOf(place: OutputPlace, id: string): string | undefined {
  try {
    for (const part of outputParts(place, id)) void part;
    return undefined;
  } catch (error) {
    if (isCwfError(error, 'OUTPUT_CORRUPT')) return String(error.data.reason);
    // Collected since it was listed.
    if (isCwfError(error, 'OUTPUT_FILE_NOT_FOUND')) return undefined;
    throw error;
  }
}
