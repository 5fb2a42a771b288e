import { isCwfError } from '../../../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { orderedJson } from '../../../base/json-text.ts';
import type { RunRequest, RunResult } from '../runner.ts';
import type { Server } from './address.ts';
import { ask, type HttpAnswer, type HttpLimits, jsonBody, saying } from './http.ts';

/** What became of a prompt that was posted. */
export type Submission =
  | { readonly kind: 'queued'; readonly promptId: string; readonly nodeErrors: JsonObject }
  /** There was no answer that says so: the prompt may be in the queue. */
  | { readonly kind: 'unknown' }
  | Extract<RunResult, { kind: 'refused' }>;

/** Words of a refusal, and characters of each. */
const MOST_TEXT = 2_000;
/** Answers of a proxy that had none from the server. */
const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Posts a prompt under an id of our own. Throws RUNNER_UNREACHABLE where the server has certainly not seen it, and
 * RUNNER_AUTH.
 */
export async function submit(
  server: Server,
  request: RunRequest,
  ids: { readonly promptId: string; readonly clientId: string },
  limits: HttpLimits,
): Promise<Submission> {
  const body: JsonObject = { prompt: request.prompt, client_id: ids.clientId, prompt_id: ids.promptId };
  if (request.extraPnginfo) body.extra_data = { extra_pnginfo: request.extraPnginfo };
  if (request.targets) body.partial_execution_targets = [...request.targets];
  let answer: HttpAnswer;
  try {
    answer = await ask(server, '/prompt', limits, { method: 'POST', body: orderedJson(body) });
  } catch (error) {
    const maySent = isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER') && error.data.sent !== false;
    if (maySent) return { kind: 'unknown' };
    throw error;
  }
  if (GATEWAY.has(answer.status)) return { kind: 'unknown' };
  const json = jsonBody(answer);
  const said = isObject(json) ? json : {};
  const nodeErrors = isObject(said.node_errors) ? said.node_errors : {};
  if (answer.status !== 200) return refused(answer, said.error, nodeErrors);
  // Old servers take no id from outside and say their own.
  const given = said.prompt_id;
  const promptId = typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : ids.promptId;
  return { kind: 'queued', promptId, nodeErrors };
}

function refused(answer: HttpAnswer, error: Json | undefined, nodeErrors: JsonObject): Submission {
  const { status } = answer;
  const word = status === 413 ? 'too_large' : status >= 500 ? 'server_error' : 'refused';
  const told = isObject(error) ? error : {};
  const text = (value: Json | undefined, other: string) =>
    (typeof value === 'string' ? value : other).slice(0, MOST_TEXT);
  const message = text(typeof error === 'string' ? error : told.message, `status ${status}${saying(answer)}`);
  return {
    kind: 'refused',
    status,
    error: { type: text(told.type, word), message, details: text(told.details, '') },
    nodeErrors,
  };
}
