import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CwfError } from '../../base/errors.ts';
import { nameOf } from './decode.ts';
import { findMetric, modelFree } from './index.ts';
import type { MeasureRequest, MeasureSetup, Report } from './measure.ts';
import { MODEL_KINDS } from './metric.ts';
import type { FromWorker, ToWorker } from './worker.ts';
import { workerFile } from './worker-file.ts';

/** Sizes and times of a pool; each has a default. */
export interface PoolOptions extends MeasureSetup {
  /** Threads at most; one less than the processors have, four at most. */
  readonly workers?: number;
  /** Measurements that may wait. */
  readonly waiting?: number;
  /** Milliseconds one measurement may run. */
  readonly deadlineMs?: number;
  /** The program of the threads, where it is not the built one. */
  readonly workerFile?: string;
}

/** Worker threads that measure, so that the thread that asks stays free. */
export interface MetricPool {
  /**
   * Measures one output. Throws METRIC_NOT_FOUND, METRIC_STOPPED (aborted, too late, too many waiting, closed), and what
   * the measurement throws. A thread that is stopped is replaced.
   */
  measure(request: MeasureRequest, options?: { readonly signal?: AbortSignal }): Promise<Report>;
  /** Releases the models and ends the threads. */
  close(): Promise<void>;
}

interface Job {
  readonly request: MeasureRequest;
  /** Whether it needs the thread that holds the models. */
  readonly needsModel: boolean;
  readonly name: string;
  settle(outcome: Report | CwfError): void;
}

interface Slot {
  worker?: Worker;
  job?: Job;
  timer?: NodeJS.Timeout;
}

const DEADLINE_MS = 120_000;
const WAITING = 1000;
const CLOSE_MS = 2000;

/** Opens a pool; threads start when they are needed. The first one alone loads models, so that each is held once. */
export function openMetricPool(options: PoolOptions = {}): MetricPool {
  const { workers = Math.min(4, Math.max(1, availableParallelism() - 1)), waiting = WAITING } = options;
  const { deadlineMs = DEADLINE_MS, models, modelFolders, ffmpeg } = options;
  const setup: MeasureSetup = { models, modelFolders, ffmpeg };
  const slots: Slot[] = Array.from({ length: Math.max(1, workers) }, () => ({}));
  const queue: Job[] = [];
  let closed = false;

  return { measure, close };

  async function measure(request: MeasureRequest, { signal }: { signal?: AbortSignal } = {}): Promise<Report> {
    const wanted = (request.metrics ?? modelFree()).map(findMetric);
    const kinds: readonly string[] = MODEL_KINDS;
    const needsModel = wanted.some(({ needs }) => needs.some((need) => kinds.includes(need)));
    const name = nameOf(request.image);
    if (closed) throw stopped(name, 'the pool is closed');
    if (signal?.aborted) throw stopped(name, 'it was aborted');
    if (queue.length >= waiting) throw stopped(name, `${waiting} others wait already`);
    return new Promise<Report>((resolve, reject) => {
      const job: Job = {
        request,
        needsModel,
        name,
        settle(outcome) {
          signal?.removeEventListener('abort', abort);
          if (outcome instanceof CwfError) reject(outcome);
          else resolve(outcome);
        },
      };
      const abort = () => drop(job, stopped(name, 'it was aborted'));
      signal?.addEventListener('abort', abort, { once: true });
      queue.push(job);
      pump();
    });
  }

  /** Gives waiting jobs to free threads, in their order. */
  function pump(): void {
    for (const [at, slot] of slots.entries()) {
      if (slot.job) continue;
      const next = queue.findIndex(({ needsModel }) => !needsModel || at === 0);
      if (next < 0) continue;
      const [job] = queue.splice(next, 1);
      start(slot, job!);
    }
  }

  function start(slot: Slot, job: Job): void {
    slot.job = job;
    try {
      slot.worker ??= launch(slot);
      slot.worker.ref();
      slot.worker.postMessage({ kind: 'measure', request: job.request, setup } satisfies ToWorker);
    } catch (error) {
      finish(slot, error instanceof CwfError ? error : stopped(job.name, (error as Error).message));
      return;
    }
    slot.timer = setTimeout(() => drop(job, stopped(job.name, `it took longer than ${deadlineMs} ms`)), deadlineMs);
  }

  function launch(slot: Slot): Worker {
    const worker = new Worker(options.workerFile ?? workerFile());
    const gone = (reason: string) => {
      if (slot.worker !== worker) return;
      slot.worker = undefined;
      if (slot.job) finish(slot, stopped(slot.job.name, reason));
    };
    worker.on('message', (message: FromWorker) => {
      if (slot.worker !== worker || !slot.job) return;
      finish(slot, message.kind === 'report' ? message.report : failure(message));
    });
    worker.on('error', (error) => gone(`its thread failed: ${(error as Error).message}`));
    worker.on('exit', (code) => gone(`its thread ended with ${code}`));
    return worker;
  }

  function finish(slot: Slot, outcome: Report | CwfError): void {
    const { job } = slot;
    clearTimeout(slot.timer);
    slot.job = undefined;
    // An idle thread does not keep the program running.
    slot.worker?.unref();
    job?.settle(outcome);
    if (!closed) pump();
  }

  /** Takes a job out, wherever it is; a thread that works on it cannot be asked to stop, so it ends. */
  function drop(job: Job, error: CwfError): void {
    const at = queue.indexOf(job);
    if (at >= 0) {
      queue.splice(at, 1);
      job.settle(error);
      return;
    }
    const slot = slots.find((each) => each.job === job);
    if (!slot) return;
    const { worker } = slot;
    slot.worker = undefined;
    void worker?.terminate();
    finish(slot, error);
  }

  async function close(): Promise<void> {
    closed = true;
    for (const job of queue.splice(0)) job.settle(stopped(job.name, 'the pool is closed'));
    for (const { job } of slots) if (job) drop(job, stopped(job.name, 'the pool is closed'));
    await Promise.all(slots.map((slot) => end(slot)));
  }
}

/** Asks an idle thread to release its models and end; one that does not is ended. */
async function end(slot: Slot): Promise<void> {
  const { worker } = slot;
  if (!worker) return;
  slot.worker = undefined;
  worker.ref();
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
  worker.postMessage({ kind: 'close' } satisfies ToWorker);
  await gone;
  clearTimeout(timer);
}

function stopped(source: string, reason: string): CwfError {
  return new CwfError('METRIC_STOPPED', { source, reason });
}

function failure({ code, data, hint }: Extract<FromWorker, { kind: 'failure' }>): CwfError {
  return new CwfError(code, data, hint === '' ? {} : { hint });
}
