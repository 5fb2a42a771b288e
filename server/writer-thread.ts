import type { MessagePort } from 'node:worker_threads';
import { CwfError } from '../src/base/errors.ts';
import type { Json } from '../src/base/json.ts';
import { jsonText } from '../src/base/json-out.ts';
import type { Actor } from '../src/porcelain/actor.ts';
import { callVerb } from '../src/porcelain/call.ts';
import { type Context, openContext } from '../src/porcelain/context.ts';
import { type Answer, KeptAnswers } from '../src/porcelain/kept-answers.ts';
import type { TokenScope } from '../src/porcelain/token-scope.ts';
import { bugLine, problemOf } from './problem.ts';
import { Turns } from './turns.ts';

/** Where the thread works, in whose name nothing is done yet. */
export interface WriterData {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A change that somebody asked for. */
export interface Change {
  readonly verb: string;
  readonly input: Json;
  readonly actor: Actor;
  readonly scope: TokenScope;
  readonly expectedHead?: string | null;
  /** Its key, and the hash of the request that came with it. */
  readonly key?: { readonly name: string; readonly request: string };
  /** Whether its steps are wanted; then it waits for nobody, and nobody for it. */
  readonly isLong: boolean;
}

/** What the server sends, and what it is sent: texts of JSON, in which no digit is lost. */
export type ToWriter =
  | { readonly kind: 'change'; readonly id: number; readonly change: Change }
  | { readonly kind: 'close' };
export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'step'; readonly id: number; readonly step: string }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly answer: Answer;
      readonly headers: Readonly<Record<string, string>>;
    };

/** Statuses by which a request failed through no fault of its own: sent again it may go well. */
const PASSING = new Set([401, 403, 429, 503]);
const JSON_TYPE = { 'content-type': 'application/json' };
const PROBLEM_TYPE = { 'content-type': 'application/problem+json' };

/**
 * The program of the thread that makes all changes, one after the other: waiting for the disk stops a thread, and those
 * who read are not to wait with it. [SV-21]
 */
export async function serveWriter(port: MessagePort, { cwd, env }: WriterData): Promise<void> {
  const send = (message: FromWriter): void => port.postMessage(message);
  const ctx = await openContext({ cwd, env, log: (line) => send({ kind: 'log', line }) });
  const turns = new Turns();
  const answers = new KeptAnswers(ctx);
  port.on('message', async (message: ToWriter) => {
    if (message.kind === 'close') {
      await turns.idle();
      port.close();
      return;
    }
    const { id, change } = message;
    const step = (told: unknown): void => send({ kind: 'step', id, step: jsonText(told, 0) });
    try {
      const answer = await answerTo(change, step);
      send({ kind: 'done', id, answer, headers: answer.status === 200 ? JSON_TYPE : PROBLEM_TYPE });
    } catch (thrown) {
      const { status, headers, body } = problemOf(told(thrown));
      send({ kind: 'done', id, answer: { status, body }, headers });
    }
  });
  send({ kind: 'ready' });

  function answerTo(change: Change, step: (told: unknown) => void): Promise<Answer> {
    const { key, actor } = change;
    const make = async (): Promise<Answer> => ({ status: 200, body: jsonText(await run(change, step), 0) });
    if (key === undefined) return make();
    return answers.once(actor, key.name, key.request, () => keptAnswer(make));
  }

  function run(
    { verb, input, actor, scope, expectedHead, isLong }: Change,
    step: (told: unknown) => void,
  ): Promise<object> {
    const caller: Context = Object.create(ctx, {
      actor: { value: actor, enumerable: true },
      scope: { value: scope, enumerable: true },
    });
    const head = expectedHead === undefined ? {} : { expectedHead };
    const call = (): Promise<object> => callVerb(caller, verb, input, { ...head, ...(isLong ? { report: step } : {}) });
    return isLong ? call() : turns.take(call);
  }

  /** A bug is told to whoever watches the server, without what was asked. */
  function told(thrown: unknown): unknown {
    if (!(thrown instanceof CwfError) || thrown.kind === 'bug') ctx.log(`a change failed: ${bugLine(thrown)}`);
    return thrown;
  }
}

/** An answer as it is kept; throws again what shall not be kept. */
async function keptAnswer(make: () => Promise<Answer>): Promise<Answer> {
  try {
    return await make();
  } catch (thrown) {
    const { status, body } = problemOf(thrown);
    if (status >= 500 || PASSING.has(status)) throw thrown;
    return { status, body };
  }
}
