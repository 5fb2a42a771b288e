import type { MessagePort } from 'node:worker_threads';
import { CwfError, type ErrorCode, type ErrorData } from '../../base/errors.ts';
import { type MeasureRequest, type MeasureSetup, measureImage, type Report } from './measure.ts';
import { openShelf } from './models/shelf.ts';

/** What the pool sends: work, or the wish that the worker ends. */
export type ToWorker =
  | { readonly kind: 'measure'; readonly request: MeasureRequest; readonly setup: MeasureSetup }
  | { readonly kind: 'close' };

/** What a worker answers, one for each measurement. */
export type FromWorker =
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'failure'; readonly code: ErrorCode; readonly data: ErrorData; readonly hint: string };

/** Measures what comes through the port, one after the other; models stay loaded until the pool closes. */
export function serve(port: MessagePort): void {
  const shelf = openShelf();
  port.on('message', async (message: ToWorker) => {
    if (message.kind === 'close') {
      await shelf.clear();
      port.close();
      return;
    }
    port.postMessage(await answer(message.request, message.setup));
  });

  async function answer(request: MeasureRequest, setup: MeasureSetup): Promise<FromWorker> {
    try {
      return { kind: 'report', report: await measureImage(request, setup, shelf) };
    } catch (error) {
      if (!(error instanceof CwfError)) {
        return { kind: 'failure', code: 'BUG', data: { what: (error as Error).message }, hint: '' };
      }
      const { code, data, hint } = error;
      return { kind: 'failure', code, data, hint };
    }
  }
}
