import { CwfError } from '../../base/errors.ts';
import { type Completion, type CompletionRequest, estimatePrompt, estimateTokens, type Usage } from './completion.ts';

const MAX_NAME = 200;

/** Reads the body of an answer, which is anything until it is looked at. Throws LLM_ANSWER_INVALID. */
export function readCompletion(body: unknown, request: CompletionRequest, host: string): Completion {
  const invalid = (reason: string): CwfError => new CwfError('LLM_ANSWER_INVALID', { host, reason });
  if (typeof body === 'string') {
    if (/^\s*</.test(body)) throw invalid('it is a page (HTML), not JSON');
    if (/^\s*(data|event):/.test(body)) throw invalid('it is a stream of events, which was not asked for');
    throw invalid('it is not JSON');
  }
  const choices = member(body, 'choices');
  const choice = Array.isArray(choices) ? choices[0] : undefined;
  if (choice === undefined) throw invalid('it has no choices');
  const text = member(member(choice, 'message'), 'content');
  if (typeof text !== 'string') throw invalid('its first choice holds no text');
  const model = member(body, 'model');
  const finish = member(choice, 'finish_reason');
  return {
    text,
    usage: readUsage(member(body, 'usage'), request, text),
    model: typeof model === 'string' ? model.slice(0, MAX_NAME) : request.model,
    finish: typeof finish === 'string' ? finish.slice(0, MAX_NAME) : 'unknown',
  };
}

/** A count that is absent, no whole number or none at all is estimated: a budget must not hang on what a server says. */
function readUsage(usage: unknown, request: CompletionRequest, text: string): Usage {
  const prompt = member(usage, 'prompt_tokens');
  const completion = member(usage, 'completion_tokens');
  if (isCount(prompt) && isCount(completion))
    return { prompt_tokens: prompt, completion_tokens: completion, estimated: false };
  return { prompt_tokens: estimatePrompt(request), completion_tokens: estimateTokens(text), estimated: true };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
