import { readFile } from 'node:fs/promises';
import { CwfError } from '../../../base/errors.ts';
import type { Fail } from './network.ts';

/** The context of CLIP's text networks, in tokens with the two at the ends. */
export const CONTEXT = 77;

/** A text as a network takes it. */
export interface Tokens {
  /** As many as the context has; filled up behind the end token. */
  readonly ids: readonly number[];
  /** 1 where a token stands, 0 where it was filled up. */
  readonly mask: readonly number[];
  /** Whether the text was longer than the context. */
  readonly truncated: boolean;
}

/** Turns texts into tokens. */
export type Tokenizer = (text: string, context: number) => Tokens;

/**
 * Loads a tokenizer from `tokenizer.json` and, where there is one, `tokenizer_config.json`. Throws RUNTIME_MISSING, and
 * what `fail` makes for a file that is no tokenizer.
 */
export async function loadTokenizer(path: string, configPath: string | undefined, fail: Fail): Promise<Tokenizer> {
  const { Tokenizer } = await import('@huggingface/tokenizers').catch((error: Error) => {
    throw new CwfError(
      'RUNTIME_MISSING',
      { package: '@huggingface/tokenizers', reason: error.message },
      { cause: error },
    );
  });
  try {
    // Not the strict reader: a vocabulary may hold any word as a key. The files are pinned by their digests.
    const json = JSON.parse(await readFile(path, 'utf8'));
    const config = configPath === undefined ? {} : JSON.parse(await readFile(configPath, 'utf8'));
    const tokenizer = new Tokenizer(json, config);
    const pad = padOf(config, (token) => tokenizer.token_to_id(token));
    return (text, context) => fitted(tokenizer.encode(text).ids, pad, context, fail);
  } catch (error) {
    throw fail(`it is no tokenizer: ${(error as Error).message}`);
  }
}

/** Id of the token that fills up; without one the end token does, as with CLIP. */
function padOf(config: { pad_token?: unknown }, idOf: (token: string) => number | undefined): number | undefined {
  const { pad_token: pad } = config;
  const text = typeof pad === 'string' ? pad : (pad as { content?: string } | null | undefined)?.content;
  return text === undefined ? undefined : idOf(text);
}

function fitted(ids: readonly number[], pad: number | undefined, context: number, fail: Fail): Tokens {
  if (ids.length < 2) throw fail('it sets no tokens around a text');
  const end = ids.at(-1)!;
  const kept = ids.length > context ? [...ids.slice(0, context - 1), end] : ids;
  const rest = new Array<number>(context - kept.length).fill(pad ?? end);
  return {
    ids: [...kept, ...rest],
    mask: [...kept.map(() => 1), ...rest.map(() => 0)],
    truncated: ids.length > context,
  };
}
