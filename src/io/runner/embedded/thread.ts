import { Worker } from 'node:worker_threads';
import { CwfError } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Emit, Outcome } from './messages.ts';
import type { Answer, Order, RunOptions } from './worker.ts';

/** How one run may end early. */
export interface RunLimits {
  /** Milliseconds after which the run is interrupted. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** The time between an interrupt and the end of a thread that does not heed it: one node can take long. */
const GRACE_MS = 5_000;

/**
 * An engine in a thread of its own, so that the event loop stays free. A run ends early at its deadline or signal: first
 * between two nodes, then with the whole thread, whose kept results are lost; the next run starts another one.
 */
export class EngineThread {
  private readonly workerFile: string;
  private readonly grace: number;
  private readonly interruptFlag = new Int32Array(new SharedArrayBuffer(4));
  private worker: Worker | undefined;
  private running = false;

  /** `workerFile`: the built file that calls `serveThread`; `grace`: milliseconds between interrupt and end. */
  constructor(workerFile: string, grace = GRACE_MS) {
    this.workerFile = workerFile;
    this.grace = grace;
  }

  /** Ends the run between two nodes. */
  interrupt(): void {
    if (this.running) Atomics.store(this.interruptFlag, 0, 1);
  }

  /** Drops all kept results once the current run is over. */
  free(): void {
    this.post({ kind: 'free' });
  }

  /**
   * Runs one prompt; one at a time. Throws ENGINE_CLASSES, ENGINE_PROMPT and ENGINE_NO_OUTPUTS before anything runs,
   * ENGINE_STOPPED when the thread had to be ended or died.
   */
  async run(prompt: JsonObject, options: RunOptions, emit: Emit, limits: RunLimits = {}): Promise<Outcome> {
    if (this.running) throw new CwfError('BUG', { what: 'the embedded engine runs one prompt at a time' });
    this.running = true;
    Atomics.store(this.interruptFlag, 0, limits.signal?.aborted ? 1 : 0);
    const worker = this.started();
    // Who waits for a run may have nothing else that keeps the program alive.
    worker.ref();
    let stop: ((reason: string) => void) | undefined;
    const timers: NodeJS.Timeout[] = [];
    const later = (ms: number, then: () => void) => timers.push(setTimeout(then, ms));
    const end = (reason: string) => {
      this.interrupt();
      later(this.grace, () => stop?.(reason));
    };
    const aborted = () => end('it was asked to stop');
    try {
      if (limits.deadline !== undefined) later(limits.deadline, () => end(`it took longer than ${limits.deadline} ms`));
      limits.signal?.addEventListener('abort', aborted, { once: true });
      return await new Promise<Outcome>((resolve, reject) => {
        stop = (reason) => {
          this.discard();
          reject(new CwfError('ENGINE_STOPPED', { reason }));
        };
        worker.removeAllListeners();
        worker.on('message', (answer: Answer) => {
          if (answer.kind === 'message') emit(answer.message);
          else if (answer.kind === 'outcome') resolve(answer.outcome);
          else reject(new CwfError(answer.code, answer.data));
        });
        worker.once('error', (error) => stop?.(error.message));
        worker.once('exit', () => stop?.('its thread ended'));
        this.post({ kind: 'run', prompt, options });
      });
    } finally {
      this.running = false;
      worker.unref();
      for (const timer of timers) clearTimeout(timer);
      limits.signal?.removeEventListener('abort', aborted);
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.discard();
  }

  private started(): Worker {
    if (!this.worker) {
      this.worker = new Worker(this.workerFile, { workerData: this.interruptFlag });
      // A thread that waits for orders does not keep the program alive.
      this.worker.unref();
    }
    return this.worker;
  }

  private post(order: Order): void {
    this.worker?.postMessage(order);
  }

  private async discard(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    worker?.removeAllListeners();
    worker?.ref();
    await worker?.terminate();
  }
}
