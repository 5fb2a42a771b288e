import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/porcelain/config.ts';
import { noteExchanges, openLanguageModel } from '../../src/porcelain/language-model.ts';
import { withoutSecrets } from '../../src/porcelain/secrets.ts';
import { answers, type FakeServer, fakeServer } from '../io/llm/fake-server.ts';
import { apiGraph } from './samples.ts';
import { ENV, failure, tempRepo } from './temp.ts';

const KEY = 'sk-test-0123456789abcdefghij';
const QUESTION = { system: 'rules', user: 'data' };

const servers: FakeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(): Promise<FakeServer> {
  const server = await fakeServer(answers('{"repairs":[]}'));
  servers.push(server);
  return server;
}

function settings(url: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ llm: { url, model: 'small', ...more } });
}

describe('the settings [LM-1] [LM-2]', () => {
  test('have a default for every bound', async () => {
    const { llm, repair } = await parseConfig(settings('https://llm.example.org/v1'), '.cwfrc');
    expect(llm).toEqual({
      url: 'https://llm.example.org/v1',
      model: 'small',
      key_env: null,
      timeout_s: 60,
      max_tokens: 2048,
      budget_tokens: 20_000,
    });
    expect(repair).toEqual({ model: false });
  });

  test.each([
    ['a key', { key: 'abc' }, 'llm.key'],
    ['a key by another name', { api_key: 'abc' }, 'llm.api_key'],
    ['a token', { token: 'abc' }, 'llm.token'],
    ['a key in place of the variable that holds it', { key_env: KEY }, 'llm.key_env'],
    ['a key in the address', { url: `https://x.example.org/${KEY}` }, 'llm.url'],
    ['a password in the address', { url: 'https://me:secret@x.example.org/v1' }, 'llm.url'],
  ])('refuse %s, say what to do, and do not repeat it [LM-2]', async (_what, more, place) => {
    const error = await failure('CONFIG_INVALID', parseConfig(settings('https://x.example.org/v1', more), '.cwfrc'));
    expect(error.message).toContain(place);
    expect(error.hint).toContain('environment variable');
    expect(JSON.stringify(error)).not.toMatch(/abc|sk-test|secret/);
  });

  test.each([
    [{ url: 'file:///etc/passwd' }, 'llm.url'],
    [{ url: 'nowhere' }, 'llm.url'],
    [{ url: 'https://x.example.org/v1?a=b' }, 'llm.url'],
    [{ model: '' }, 'llm.model'],
    [{ timeout_s: 0 }, 'llm.timeout_s'],
    [{ max_tokens: 1e9 }, 'llm.max_tokens'],
    [{ budget_tokens: 0.5 }, 'llm.budget_tokens'],
    [{ temperature: 1 }, 'llm'],
  ])('refuse %j', async (more, place) => {
    const error = await failure('CONFIG_INVALID', parseConfig(settings('https://x.example.org/v1', more), '.cwfrc'));
    expect(error.message).toContain(place);
  });
});

describe('the configured model', () => {
  test('is none by default [LM-1]', async () => {
    const { ctx } = await tempRepo();
    await failure('LLM_NOT_CONFIGURED', openLanguageModel(ctx));
  });

  test('is asked with the key of the variable, and not without one [LM-2]', async () => {
    const server = await serve();
    const repo = await tempRepo({ '.cwfrc': settings(server.url, { key_env: 'MY_KEY' }) });
    await failure('LLM_KEY_MISSING', openLanguageModel(await repo.open()));
    await failure('LLM_KEY_MISSING', openLanguageModel(await repo.open({ env: { ...ENV, MY_KEY: ' ' } })));
    const model = await openLanguageModel(await repo.open({ env: { ...ENV, MY_KEY: KEY } }));
    const { answer, request } = await model.ask(QUESTION);
    expect(answer.text).toBe('{"repairs":[]}');
    expect(server.asked[0]!.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify(request)).not.toContain(KEY);
    expect(model.spent()).toBe(120);
  });

  test('spends no more than its budget [LM-6]', async () => {
    const server = await serve();
    const text = settings(server.url, { max_tokens: 100, budget_tokens: 250 });
    const repo = await tempRepo({ '.cwfrc': text });
    const model = await openLanguageModel(await repo.open());
    await model.ask(QUESTION);
    await model.ask(QUESTION);
    const error = await failure('LLM_BUDGET', model.ask(QUESTION));
    expect(error.exit).toBe(8);
    expect(server.asked).toHaveLength(2);
  });

  test('never sees what looks like a key or is known as one [LM-3]', async () => {
    const server = await serve();
    const repo = await tempRepo({ '.cwfrc': settings(server.url) });
    const model = await openLanguageModel(await repo.open());
    const secrets = [KEY, 'hf_abcdefghijklmnopqrstuvwx', 'AKIAABCDEFGHIJKLMNOP', 'http://me:pass@host/', 'open sesame'];
    await model.ask({ ...QUESTION, user: secrets.join('\n'), secrets: ['open sesame', 'a'] });
    const sent = JSON.stringify(server.asked[0]!.body);
    for (const secret of secrets) expect(sent).not.toContain(secret);
    expect(withoutSecrets('a cat', ['a'])).toBe('a cat');
  });

  test('of a stranger is not asked: an address under version control counts on this machine alone [LM-4]', async () => {
    const far = 'https://collect.example.org/v1';
    const repo = await tempRepo({ '.cwfrc': settings(far, { key_env: 'MY_KEY' }) });
    const env = { ...ENV, MY_KEY: KEY };
    // A file of one's own is trusted.
    await openLanguageModel(await repo.open({ env }));
    repo.git('add', '-f', '.cwfrc');
    const error = await failure('LLM_UNTRUSTED', openLanguageModel(await repo.open({ env })));
    expect(error.hint).toContain(`CWF_LLM_URL to ${far}`);
    repo.git('commit', '-qm', 'settings');
    repo.git('rm', '-q', '--cached', '.cwfrc');
    await failure('LLM_UNTRUSTED', openLanguageModel(await repo.open({ env })));
    await openLanguageModel(await repo.open({ env: { ...env, CWF_LLM_URL: far } }));

    const server = await serve();
    repo.write('.cwfrc', settings(server.url));
    await (await openLanguageModel(await repo.open({ env }))).ask(QUESTION);
    repo.write('.cwfrc', settings(far));
    await (await openLanguageModel(await repo.open({ env: { ...env, CWF_LLM_URL: server.url } }))).ask(QUESTION);
    expect(server.asked).toHaveLength(2);
    await failure('CONFIG_INVALID', openLanguageModel(await repo.open({ env: { ...env, CWF_LLM_URL: 'file:///x' } })));
  });

  test('can be recorded, and replayed with no server and no key [LM-7]', async () => {
    const server = await serve();
    const repo = await tempRepo({ '.cwfrc': settings(server.url) });
    const folder = join(repo.dir, 'recordings');
    const recorded = await openLanguageModel(await repo.open({ env: { ...ENV, CWF_LLM_RECORD: folder } }));
    const first = await recorded.ask(QUESTION);
    expect(readdirSync(folder)).toEqual([`${first.id}.json`]);
    await server.close();
    repo.write('.cwfrc', settings('https://gone.example.org/v1', { key_env: 'MY_KEY' }));
    const replayed = await openLanguageModel(await repo.open({ env: { ...ENV, CWF_LLM_REPLAY: folder } }));
    expect(await replayed.ask(QUESTION)).toEqual(first);
    await failure('LLM_RECORDING', replayed.ask({ ...QUESTION, user: 'other data' }));
  });

  test('is told in a note on the commit it led to [LM-8]', async () => {
    const server = await serve();
    const repo = await tempRepo({ 'a.json': apiGraph(), '.cwfrc': settings(server.url) });
    const ctx = await repo.open();
    repo.git('add', 'a.json');
    repo.git('commit', '-qm', 'one');
    const oid = await ctx.repo.resolve('HEAD');
    const exchange = await (await openLanguageModel(ctx)).ask(QUESTION);
    await ctx.repo.transaction({ command: 'test', actor: ctx.actor }, async (tx) => {
      noteExchanges(ctx, tx, oid, [exchange]);
    });
    const [fact] = await ctx.repo.notes('llm').read(oid);
    expect(fact).toMatchObject({
      request: exchange.id,
      model: 'fake-1',
      messages: [
        { role: 'system', content: 'rules' },
        { role: 'user', content: 'data' },
      ],
      answer: '{"repairs":[]}',
      usage: { prompt_tokens: 100, completion_tokens: 20 },
    });
    expect(repo.git('notes', '--ref=cwf/llm', 'show', oid)).toContain(exchange.id);
  });
});
