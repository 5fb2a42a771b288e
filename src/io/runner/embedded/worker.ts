import { parentPort, workerData } from 'node:worker_threads';
import { CwfError, type ErrorCode, type ErrorData } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { defaultCatalog } from '../../../core/catalog/catalog.ts';
import { Engine } from './execute.ts';
import type { EngineMessage, Outcome } from './messages.ts';
import type { Folders } from './operation.ts';

/** What the thread is asked. */
export type Order =
  | { readonly kind: 'free' }
  | { readonly kind: 'run'; readonly prompt: JsonObject; readonly options: RunOptions };

/** What a run is given beside its prompt, as data. */
export interface RunOptions {
  readonly promptId: string;
  readonly outputs?: readonly string[];
  readonly extraPnginfo?: JsonObject;
  readonly folders: Folders;
  readonly previewMetadata?: boolean;
}

/** What the thread answers: messages while a prompt runs, and how it ended. */
export type Answer =
  | { readonly kind: 'message'; readonly message: EngineMessage }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly data: ErrorData };

/** Serves orders of the thread that started this one, one after the other. `workerData` is the interrupt flag. */
export function serveThread(): void {
  const port = parentPort!;
  const interrupt = workerData as Int32Array;
  const engine = new Engine(defaultCatalog());
  const answer = (value: Answer) => port.postMessage(value);
  let queue = Promise.resolve();
  port.on('message', (order: Order) => {
    queue = queue.then(async () => {
      if (order.kind === 'free') return engine.free();
      try {
        const outcome = await engine.execute(
          order.prompt,
          {
            ...order.options,
            now: () => new Date(),
            suffix: randomLetters,
            isInterrupted: () => Atomics.load(interrupt, 0) === 1,
          },
          (message) => answer({ kind: 'message', message }),
        );
        answer({ kind: 'outcome', outcome });
      } catch (error) {
        if (!(error instanceof CwfError)) throw error;
        answer({ kind: 'refused', code: error.code, data: error.data });
      }
    });
  });
}

/** Five letters, as ComfyUI tells the previews of one node from those of others. */
function randomLetters(): string {
  return Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
}
