import type { JsonObject } from '../../base/json.ts';

/** One message of a question; `system` holds the rules, `user` the data. */
export interface Message {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** A question to a language model: all that decides the answer, and so all that names its recording (`recorded.ts`). */
export interface CompletionRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  /** The most tokens the answer may have. */
  readonly max_tokens: number;
  /** JSON schema of the answer. It is asked for, never relied on: servers differ in what they make of it. */
  readonly schema?: { readonly name: string; readonly schema: JsonObject };
}

/** Tokens of one question; `estimated` when the server did not say (4 characters count as one). */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly estimated: boolean;
}

/** What came back. Nothing of it is trusted: the text may be anything. */
export interface Completion {
  readonly text: string;
  readonly usage: Usage;
  /** The model that answered, as the server names it. */
  readonly model: string;
  /** Why it ended: `stop`, `length` when `max_tokens` cut it off, or another word of the server. */
  readonly finish: string;
}

/** Asks a language model one question. */
export type Complete = (request: CompletionRequest) => Promise<Completion>;

/** Characters of text that count as one token where no server has counted: the usual figure for English and JSON. */
const CHARACTERS_PER_TOKEN = 4;

/** About how many tokens a text has, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** About how many tokens a question has, with its schema. */
export function estimatePrompt(request: CompletionRequest): number {
  const schema = request.schema === undefined ? '' : JSON.stringify(request.schema);
  return request.messages.reduce((sum, message) => sum + estimateTokens(message.content), estimateTokens(schema));
}
