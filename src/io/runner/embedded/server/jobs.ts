import { CwfError } from '../../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../../base/json.ts';
import type { EngineMessage, Outcome } from '../messages.ts';
import type { Folders } from '../operation.ts';
import type { EngineThread } from '../thread.ts';

/** A prompt that waits or runs. */
export interface Job {
  readonly number: number;
  readonly id: string;
  readonly prompt: JsonObject;
  readonly extra: JsonObject;
  readonly outputs: readonly string[];
}

/** A job that is over: what `/history` tells of it. */
export interface Past {
  readonly job: Job;
  readonly outcome: Outcome;
}

/** Hears what happens to jobs. `client` is who gets a message; undefined where all do. */
export interface JobListener {
  message(message: EngineMessage, client: string | undefined): void;
  /** How many jobs wait or run has changed. */
  status(remaining: number): void;
  takesMetadata(client: string | undefined): boolean;
}

/** As in ComfyUI, in memory only. */
const MOST_HISTORY = 10_000;
/** Members of `extra_data` that are keys of somebody. */
const SECRET = ['auth_token_comfy_org', 'api_key_comfy_org'];

/** The queue of a server: one job runs, the others wait by number, those that are over are remembered. */
export class Jobs {
  private readonly engine: EngineThread;
  private readonly folders: Folders;
  private readonly listener: JobListener;
  private readonly pending: Job[] = [];
  private readonly past = new Map<string, Past>();
  private current: Job | undefined;
  private freeAfter = false;
  private closed = false;

  constructor(engine: EngineThread, folders: Folders, listener: JobListener) {
    this.engine = engine;
    this.folders = folders;
    this.listener = listener;
  }

  get running(): readonly Job[] {
    return this.current ? [this.current] : [];
  }

  get waiting(): readonly Job[] {
    return this.pending;
  }

  get history(): ReadonlyMap<string, Past> {
    return this.past;
  }

  get remaining(): number {
    return this.pending.length + this.running.length;
  }

  add(job: Job): void {
    const extra = Object.fromEntries(Object.entries(job.extra).filter(([key]) => !SECRET.includes(key)));
    // Lower numbers first; of equal ones the one that came first.
    const after = this.pending.findIndex(({ number }) => number > job.number);
    this.pending.splice(after < 0 ? this.pending.length : after, 0, { ...job, extra });
    this.listener.status(this.remaining);
    if (!this.current) void this.work();
  }

  /** Takes jobs out that wait; tells whether there was one. */
  remove(which: (job: Job) => boolean): boolean {
    const kept = this.pending.filter((job) => !which(job));
    const some = kept.length < this.pending.length;
    this.pending.splice(0, this.pending.length, ...kept);
    if (some) this.listener.status(this.remaining);
    return some;
  }

  /** Ends the job that runs between two nodes, if it is this one; without an id whichever runs. */
  interrupt(id?: string): boolean {
    if (!this.current || (id !== undefined && this.current.id !== id)) return false;
    this.engine.interrupt();
    return true;
  }

  forget(ids?: readonly string[]): void {
    if (ids) for (const id of ids) this.past.delete(id);
    else this.past.clear();
  }

  /** Drops kept results after the job that runs. */
  free(): void {
    if (this.current) this.freeAfter = true;
    else this.engine.free();
  }

  close(): void {
    this.closed = true;
    this.pending.length = 0;
  }

  private async work(): Promise<void> {
    for (let job = this.pending.shift(); job !== undefined && !this.closed; job = this.pending.shift()) {
      this.current = job;
      this.listener.status(this.remaining);
      const outcome = await this.run(job);
      this.past.delete(job.id);
      this.past.set(job.id, { job, outcome });
      if (this.past.size > MOST_HISTORY) this.past.delete(this.past.keys().next().value!);
      this.current = undefined;
      if (this.freeAfter) this.engine.free();
      this.freeAfter = false;
      this.listener.status(this.remaining);
      const client = clientOf(job);
      const data = { node: null, prompt_id: job.id };
      if (client !== undefined) this.listener.message({ kind: 'json', type: 'executing', data }, client);
    }
  }

  private async run(job: Job): Promise<Outcome> {
    const client = clientOf(job);
    const info = job.extra.extra_pnginfo;
    const options = {
      promptId: job.id,
      outputs: job.outputs,
      ...(isObject(info) ? { extraPnginfo: info } : {}),
      folders: this.folders,
      previewMetadata: this.listener.takesMetadata(client),
    };
    try {
      return await this.engine.run(job.prompt, options, (message) => {
        if (client !== undefined || isForAll(message)) this.listener.message(message, client);
      });
    } catch (error) {
      return this.stopped(job, error as Error);
    }
  }

  /** A run whose thread is gone, as a failed one. */
  private stopped(job: Job, error: Error): Outcome {
    const data: { [key: string]: Json } = {
      prompt_id: job.id,
      node_id: '',
      node_type: '',
      executed: [],
      exception_message: error instanceof CwfError ? `${error.message}. ${error.hint}\n` : `${error.message}\n`,
      exception_type: 'RuntimeError',
      traceback: [],
      current_inputs: {},
      current_outputs: [],
      timestamp: Date.now(),
    };
    const client = clientOf(job);
    if (client !== undefined) this.listener.message({ kind: 'json', type: 'execution_error', data }, client);
    return { status: 'error', outputs: {}, meta: {}, messages: [['execution_error', data]] };
  }
}

/** What ComfyUI sends to everybody when a job names no client. */
function isForAll(message: EngineMessage): boolean {
  return message.kind !== 'json' || ['progress', 'progress_state', 'execution_interrupted'].includes(message.type);
}

/** Who asked for a job. */
export function clientOf(job: Job): string | undefined {
  return typeof job.extra.client_id === 'string' ? job.extra.client_id : undefined;
}
