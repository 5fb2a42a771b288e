import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/base/hash.ts';
import { withBudget } from '../../../src/io/llm/budget.ts';
import { type Complete, type CompletionRequest, estimatePrompt } from '../../../src/io/llm/completion.ts';
import { exchangeId, recording, replaying } from '../../../src/io/llm/recorded.ts';

const REQUEST: CompletionRequest = {
  model: 'small',
  messages: [{ role: 'user', content: 'ä "quoted"\n' }],
  max_tokens: 64,
};
const ANSWER = {
  text: '{"repairs":[]}',
  model: 'fake-1',
  finish: 'stop',
  usage: { prompt_tokens: 10, completion_tokens: 4, estimated: false },
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cwf-llm-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('recordings [LM-7]', () => {
  test('are named by the sha256 of the request, whatever the order of its members', async () => {
    const text = '{"max_tokens":64,"messages":[{"content":"ä \\"quoted\\"\\n","role":"user"}],"model":"small"}';
    expect(exchangeId(REQUEST)).toBe(sha256(text));
    const { model, max_tokens, messages } = REQUEST;
    expect(exchangeId({ max_tokens, messages, schema: undefined, model })).toBe(sha256(text));
    expect(exchangeId({ ...REQUEST, max_tokens: 65 })).not.toBe(sha256(text));
  });

  test('give the answer back without asking anybody', async () => {
    let asked = 0;
    const complete: Complete = async () => {
      asked++;
      return ANSWER;
    };
    await recording(complete, join(folder, 'new/one'))(REQUEST);
    expect(await readdir(join(folder, 'new/one'))).toEqual([`${exchangeId(REQUEST)}.json`]);
    expect(await replaying(join(folder, 'new/one'))(REQUEST)).toEqual(ANSWER);
    expect(asked).toBe(1);
  });

  test('a question that was not asked then is an error, and so is a damaged or exchanged file', async () => {
    const replay = replaying(folder);
    await expect(replay(REQUEST)).rejects.toMatchObject({ code: 'LLM_RECORDING' });
    const path = join(folder, `${exchangeId(REQUEST)}.json`);
    await recording(async () => ANSWER, folder)(REQUEST);
    const whole = await readFile(path, 'utf8');
    const damaged: [string, string][] = [
      ['{', 'JSON_SYNTAX'],
      ['[]', 'LLM_RECORDING'],
      [whole.replace('"small"', '"other"'), 'LLM_RECORDING'],
      [whole.replace('"finish"', '"end"'), 'LLM_RECORDING'],
      [whole.replace('"prompt_tokens": 10', '"prompt_tokens": "10"'), 'LLM_RECORDING'],
      [whole.replace('"answer"', '"__proto__"'), 'JSON_FORBIDDEN_KEY'],
      [' '.repeat(5_000_000), 'LLM_RECORDING'],
    ];
    for (const [text, code] of damaged) {
      await writeFile(path, text);
      await expect(replay(REQUEST), text.slice(0, 20)).rejects.toMatchObject({ code });
    }
  });

  test('a folder that cannot be made is an error that names the file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(recording(async () => ANSWER, join(folder, 'file'))(REQUEST)).rejects.toMatchObject({
      code: 'LLM_RECORDING',
    });
  });
});

describe('the budget [LM-6]', () => {
  const most = estimatePrompt(REQUEST) + REQUEST.max_tokens;

  test('stops before it is passed: a question that may not fit is not sent', async () => {
    let asked = 0;
    const { complete, spent } = withBudget(async () => {
      asked++;
      return ANSWER;
    }, most + 20);
    await complete(REQUEST);
    expect(spent()).toBe(14);
    await complete(REQUEST);
    await expect(complete(REQUEST)).rejects.toMatchObject({ code: 'LLM_BUDGET', exit: 8 });
    expect(asked).toBe(2);
  });

  test('questions asked at once do not share what is left, and a failed one counts in full', async () => {
    const { complete, spent } = withBudget(async () => {
      throw new Error('gone');
    }, 2 * most);
    const all = await Promise.allSettled([complete(REQUEST), complete(REQUEST), complete(REQUEST)]);
    expect(all.map((one) => (one as PromiseRejectedResult).reason.code)).toEqual([undefined, undefined, 'LLM_BUDGET']);
    expect(spent()).toBe(2 * most);
  });
});
