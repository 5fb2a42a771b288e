/**
 * Exchanges on disk: `<folder>/<id>.json`, where the id is the sha256 of the RFC 8785 text of the request. No address and
 * no key is part of a request, so that a recording can be shared and answers in place of any server.
 */
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-parse.ts';
import { canonicalJson, jsonEqual } from '../../base/json-text.ts';
import type { Complete, Completion, CompletionRequest } from './completion.ts';

const MAX_BYTES = 4 * 1024 * 1024;

/** The name of an exchange: the sha256 of its request. */
export function exchangeId(request: CompletionRequest): string {
  return sha256(canonicalJson(toJson(request)));
}

/** Asks as before and keeps every exchange in a folder, which it makes. Throws LLM_RECORDING when it cannot. */
export function recording(complete: Complete, folder: string): Complete {
  return async (request) => {
    const answer = await complete(request);
    const path = join(folder, `${exchangeId(request)}.json`);
    try {
      await mkdir(folder, { recursive: true });
      const part = `${path}.${process.pid}.tmp`;
      const file = await open(part, 'w');
      await file.writeFile(`${JSON.stringify({ request, answer }, null, 2)}\n`).finally(() => file.close());
      await rename(part, path);
    } catch (cause) {
      throw new CwfError('LLM_RECORDING', { file: path, reason: (cause as Error).message }, { cause });
    }
    return answer;
  };
}

/** Answers from a folder and asks nobody. Throws LLM_RECORDING when the exchange is not there or is damaged. */
export function replaying(folder: string): Complete {
  return async (request) => {
    const path = join(folder, `${exchangeId(request)}.json`);
    const refuse = (reason: string, cause?: unknown): CwfError =>
      new CwfError('LLM_RECORDING', { file: path, reason }, { cause });
    let json: Json;
    try {
      if ((await stat(path)).size > MAX_BYTES) throw refuse('it is too long');
      json = parseJson(await readFile(path), { source: path });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw refuse('there is no such exchange', error);
      throw error instanceof CwfError ? error : refuse((error as Error).message, error);
    }
    if (!isObject(json) || !jsonEqual(json.request, toJson(request))) throw refuse('it holds another question');
    const answer = isObject(json.answer) ? readAnswer(json.answer) : undefined;
    if (answer === undefined) throw refuse('its answer is not whole');
    return answer;
  };
}

function readAnswer({ text, usage, model, finish }: JsonObject): Completion | undefined {
  if (typeof text !== 'string' || typeof model !== 'string' || typeof finish !== 'string') return undefined;
  if (!isObject(usage)) return undefined;
  const { prompt_tokens, completion_tokens, estimated } = usage;
  if (typeof prompt_tokens !== 'number' || typeof completion_tokens !== 'number') return undefined;
  return { text, model, finish, usage: { prompt_tokens, completion_tokens, estimated: estimated === true } };
}

/** A request as plain JSON: an absent member and one that is undefined are the same. */
function toJson(request: CompletionRequest): Json {
  const { schema, ...rest } = request;
  return {
    ...rest,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    ...(schema ? { schema: { ...schema } } : {}),
  };
}
