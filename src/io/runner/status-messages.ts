import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { isOutOfMemory, type RunError, runErrorOf } from './run-error.ts';

/** How ComfyUI's own record says that a run ended. */
export type Ending =
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed' | 'out-of-memory'; readonly error: RunError }
  | { readonly kind: 'interrupted' };

/** What the messages of a history tell. Milliseconds by the server's clock. */
export interface RunRecord {
  readonly ending: Ending;
  readonly cached: readonly string[];
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** What stands in the place of an error of a run that failed and does not say why. */
const UNSAID: RunError = { node: '', classType: '', type: '', message: 'the server does not say why', trace: [] };

/**
 * Reads `status` of a history. The messages decide, not `status_str`: a run that fails while its nodes are staged is
 * called a success by some versions. An error counts more than an interrupt, and that more than a success.
 */
export function readRecord(status: Json | undefined): RunRecord {
  const { messages, status_str: word, completed } = isObject(status) ? status : ({} as JsonObject);
  const all = new Map<string, JsonObject>();
  for (const message of Array.isArray(messages) ? messages : []) {
    const [type, data] = Array.isArray(message) ? message : [];
    if (typeof type === 'string' && isObject(data)) all.set(type, data);
  }
  const cached = all.get('execution_cached')?.nodes;
  const start = timeOf(all.get('execution_start'));
  const end = timeOf(all.get('execution_error') ?? all.get('execution_interrupted') ?? all.get('execution_success'));
  return {
    ending: endingOf(all, completed === true || word === 'success'),
    cached: Array.isArray(cached) ? cached.filter((id) => typeof id === 'string') : [],
    ...(start === undefined ? {} : { startedAt: start }),
    ...(end === undefined ? {} : { endedAt: end }),
  };
}

function endingOf(messages: ReadonlyMap<string, JsonObject>, saysSuccess: boolean): Ending {
  const data = messages.get('execution_error');
  if (data) {
    const error = runErrorOf(data);
    return { kind: isOutOfMemory(error) ? 'out-of-memory' : 'failed', error };
  }
  if (messages.has('execution_interrupted')) return { kind: 'interrupted' };
  if (messages.has('execution_success') || saysSuccess) return { kind: 'finished' };
  return { kind: 'failed', error: UNSAID };
}

function timeOf(data: JsonObject | undefined): number | undefined {
  return typeof data?.timestamp === 'number' ? data.timestamp : undefined;
}
