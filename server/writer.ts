import { Worker } from 'node:worker_threads';
import { CwfError } from '../src/base/errors.ts';
import type { Answer } from '../src/porcelain/kept-answers.ts';
import { builtFile } from './built.ts';
import { problemOf } from './problem.ts';
import type { Change, FromWriter, ToWriter, WriterData } from './writer-thread.ts';

/** The answer to a change, as it goes out. */
export interface Written extends Answer {
  readonly headers: Readonly<Record<string, string>>;
}

interface Waiting {
  readonly step: (text: string) => void;
  readonly done: (written: Written) => void;
}

const NAME = 'server-writer.cjs';
/** What is under way when the server ends has so long; what is cut off then is settled by whoever comes next. */
const CLOSE_MS = 5000;

/** The thread that makes the changes, as the server sees it. One that ended is started again at the next change. */
export class Writer {
  private readonly data: WriterData;
  private readonly log: (line: string) => void;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | undefined;
  private last = 0;
  private isClosed = false;

  constructor(data: WriterData, log: (line: string) => void) {
    this.data = data;
    this.log = log;
  }

  /** Starts the thread. Throws what opening the repository throws, as BUG. */
  async start(): Promise<void> {
    const worker = this.launch();
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
  }

  /** Makes a change; `step` is given the JSON of each of its steps. Never rejects: a failure is an answer. */
  change(change: Change, step: (text: string) => void = () => undefined): Promise<Written> {
    const id = ++this.last;
    return new Promise((done) => {
      if (this.isClosed) return done(failed('the server ends'));
      this.waiting.set(id, { step, done });
      const worker = this.worker ?? this.launch();
      worker.postMessage({ kind: 'change', id, change } satisfies ToWriter);
    });
  }

  /** Lets what is under way come to its end, within bounds. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { worker } = this;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ kind: 'close' } satisfies ToWriter);
    const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
    await ended;
    clearTimeout(late);
  }

  private launch(): Worker {
    const worker = new Worker(builtFile(NAME), { workerData: this.data });
    this.worker = worker;
    worker.on('message', (message: FromWriter) => this.take(message));
    worker.on('error', (error) =>
      this.log(`the thread of changes failed: ${error instanceof Error ? error.message : String(error)}`),
    );
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      for (const { done } of this.waiting.values()) done(failed('the thread of changes ended'));
      this.waiting.clear();
    });
    return worker;
  }

  private take(message: FromWriter): void {
    if (message.kind === 'log') this.log(message.line);
    else if (message.kind === 'step') this.waiting.get(message.id)?.step(message.step);
    else if (message.kind === 'done') {
      const { id, answer, headers } = message;
      this.waiting.get(id)?.done({ ...answer, headers });
      this.waiting.delete(id);
    }
  }
}

function failed(what: string): Written {
  return problemOf(new CwfError('BUG', { what }));
}
