import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import type { Server } from './address.ts';
import { ask, askObject, badAnswer, type HttpLimits, jsonBody, jsonOf } from './http.ts';

/** Where a prompt is, by the server's own books. Milliseconds by the server's clock. */
export type JobState =
  | { readonly kind: 'pending' | 'running' }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'ended';
      readonly status: Json;
      readonly outputs: JsonObject;
      readonly createdAt?: number;
      /** The client id it was posted with. */
      readonly client?: string;
    };

/** Whether a server has `/api/jobs`, once that is known; 0.3.64 has not. */
export interface JobsApi {
  known?: boolean;
}

const OPEN: ReadonlySet<Json | undefined> = new Set(['pending', 'in_progress']);

/**
 * Asks where a prompt is: of `/api/jobs`, which sees queue and history at once, or of `/history` and then `/queue`.
 * Always by its id: a whole history is slow. Between two questions a prompt may move, so that only two answers in a row
 * mean that it is gone. Throws as `ask` does.
 */
export async function jobState(server: Server, id: string, api: JobsApi, limits: HttpLimits): Promise<JobState> {
  if (api.known !== false) {
    const state = await fromJobs(server, id, api, limits);
    if (state) return state;
  }
  const history = await askObject(server, `/history/${id}`, limits);
  const past = Object.hasOwn(history, id) ? history[id] : undefined;
  if (isObject(past)) return ended(past.status, past.outputs, extraOf(past.prompt));
  const { queue_running: running, queue_pending: pending } = await askObject(server, '/queue', limits);
  if (holds(running, id)) return { kind: 'running' };
  return { kind: holds(pending, id) ? 'pending' : 'absent' };
}

/** Whether a server remembers nothing, as after a restart. Throws as `ask` does. */
export async function isBlank(server: Server, limits: HttpLimits): Promise<boolean> {
  const history = await askObject(server, '/history', limits, { query: { max_items: '1' } });
  return Object.keys(history).length === 0;
}

/**
 * Takes a prompt out of the queue or interrupts it. Old servers are asked to interrupt only what runs by their own
 * account: some heed no id, and would end the work of somebody else. Throws as `ask` does.
 */
export async function cancelJob(
  server: Server,
  id: string,
  state: JobState['kind'],
  api: JobsApi,
  limits: HttpLimits,
): Promise<void> {
  const post = (path: string, body: object) =>
    ask(server, path, limits, { method: 'POST', body: JSON.stringify(body) });
  if (api.known === true) await post(`/api/jobs/${id}/cancel`, {});
  else if (state === 'pending') await post('/queue', { delete: [id] });
  else if (state === 'running') await post('/interrupt', { prompt_id: id });
}

async function fromJobs(server: Server, id: string, api: JobsApi, limits: HttpLimits): Promise<JobState | undefined> {
  const path = `/api/jobs/${id}`;
  const answer = await ask(server, path, limits);
  if (answer.status === 404) {
    // A server that knows the route says so in JSON.
    const says = jsonBody(answer);
    if (isObject(says)) api.known = true;
    else if (api.known === undefined) api.known = false;
    if (api.known) return { kind: 'absent' };
    return undefined;
  }
  const job = jsonOf(server, path, answer);
  if (!isObject(job) || job.id !== id) throw badAnswer(server, path, 'JSON that is not that job');
  api.known = true;
  if (OPEN.has(job.status)) return { kind: job.status === 'pending' ? 'pending' : 'running' };
  const extra = isObject(job.workflow) && isObject(job.workflow.extra_data) ? job.workflow.extra_data : {};
  return ended(job.execution_status, job.outputs, { ...extra, create_time: job.create_time ?? null });
}

function ended(status: Json | undefined, outputs: Json | undefined, extra: JsonObject): JobState {
  const { create_time: createdAt, client_id: client } = extra;
  return {
    kind: 'ended',
    status: status ?? null,
    outputs: isObject(outputs) ? outputs : {},
    ...(typeof createdAt === 'number' ? { createdAt } : {}),
    ...(typeof client === 'string' ? { client } : {}),
  };
}

/** `extra_data` of a job as the queue lists it: number, id, prompt, extra_data, outputs. */
function extraOf(tuple: Json | undefined): JsonObject {
  const extra = Array.isArray(tuple) ? tuple[3] : undefined;
  return isObject(extra) ? extra : {};
}

function holds(list: Json | undefined, id: string): boolean {
  return Array.isArray(list) && list.some((tuple) => Array.isArray(tuple) && tuple[1] === id);
}
