import { isObject, type Json, type JsonObject } from '../../../../base/json.ts';
import type { Job, Jobs, Past } from './jobs.ts';

/** A job as the queue lists it. */
export function tupleOf({ number, id, prompt, extra, outputs }: Job): Json {
  return [number, id, prompt, extra, [...outputs]];
}

/** A job that is over, as `/history` tells it. */
export function historyOf({ job, outcome }: Past): JsonObject {
  return {
    prompt: tupleOf(job),
    outputs: { ...outcome.outputs },
    meta: { ...outcome.meta },
    status: statusOf(outcome),
  };
}

function statusOf({ status, messages }: Past['outcome']): JsonObject {
  return {
    status_str: status === 'success' ? 'success' : 'error',
    completed: status === 'success',
    messages: messages.map(([type, data]): Json => [type, { ...data }]),
  };
}

/** One job as `/api/jobs` tells it; undefined for an id that is not known. `whole`: with outputs and prompt. */
export function jobOf(jobs: Jobs, id: string, whole: boolean): JsonObject | undefined {
  const past = jobs.history.get(id);
  if (past) return pastJob(past, whole);
  const running = jobs.running.find((job) => job.id === id);
  if (running) return openJob(running, 'in_progress');
  const waiting = jobs.waiting.find((job) => job.id === id);
  return waiting && openJob(waiting, 'pending');
}

/** All jobs, those that were made last first. */
export function allJobs(jobs: Jobs): JsonObject[] {
  const all = [
    ...[...jobs.history.values()].map((past) => pastJob(past, false)),
    ...jobs.running.map((job) => openJob(job, 'in_progress')),
    ...jobs.waiting.map((job) => openJob(job, 'pending')),
  ];
  return all.sort((a, b) => Number(b.create_time) - Number(a.create_time));
}

function openJob(job: Job, status: string): JsonObject {
  return { ...headOf(job, status), outputs_count: 0, previewable_outputs_count: 0 };
}

function headOf(job: Job, status: string): JsonObject {
  return { id: job.id, status, priority: job.number, create_time: job.extra.create_time ?? null };
}

const STATUS = { success: 'completed', error: 'failed', interrupted: 'cancelled' } as const;

function pastJob({ job, outcome }: Past, whole: boolean): JsonObject {
  const times = Object.fromEntries(outcome.messages.map(([type, data]) => [type, data.timestamp!]));
  const end = times.execution_success ?? times.execution_error ?? times.execution_interrupted;
  const files = Object.entries(outcome.outputs).flatMap(([nodeId, ui]) => filesOf(nodeId, ui));
  const preview = files.find((file) => file.type === 'output') ?? files[0];
  const error = outcome.messages.find(([type]) => type === 'execution_error')?.[1];
  return {
    ...headOf(job, STATUS[outcome.status]),
    ...(times.execution_start === undefined ? {} : { execution_start_time: times.execution_start }),
    ...(end === undefined ? {} : { execution_end_time: end }),
    ...(error ? { execution_error: { ...error } } : {}),
    outputs_count: files.length,
    previewable_outputs_count: files.length,
    ...(preview ? { preview_output: preview } : {}),
    ...(whole
      ? {
          outputs: { ...outcome.outputs },
          execution_status: statusOf(outcome),
          workflow: { prompt: job.prompt, extra_data: job.extra },
        }
      : {}),
  };
}

function filesOf(nodeId: string, ui: Json): JsonObject[] {
  if (!isObject(ui)) return [];
  return Object.entries(ui).flatMap(([mediaType, items]) =>
    Array.isArray(items) ? items.filter(isObject).map((item) => ({ ...item, nodeId, mediaType })) : [],
  );
}
