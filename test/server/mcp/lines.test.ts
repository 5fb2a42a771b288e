import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentOf } from '../../../server/mcp/stdio.ts';
import { commit } from '../../../src/porcelain/commit.ts';
import { protect } from '../../../src/porcelain/protect.ts';
import { ensureBuilt, ROOT } from '../../cli/cwf.ts';
import { apiWith } from '../../porcelain/samples.ts';
import { ENV, type Temp, tempRepo } from '../../porcelain/temp.ts';
import { overStdio } from './agents.ts';

beforeAll(ensureBuilt);

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

async function world(): Promise<Temp> {
  const temp = await tempRepo({ 'a.json': apiWith('3', 'steps', 20) });
  await commit.run(temp.ctx, { message: 'one' });
  return temp;
}

/** Gives `cwf mcp` lines, ends its input, and reads all it says. */
async function spoken(temp: Temp, lines: readonly string[], args: readonly string[] = []) {
  const child = spawn(process.execPath, [join(ROOT, 'bin/cwf.cjs'), 'mcp', ...args], { cwd: temp.dir, env: ENV });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await ended;
  return {
    code,
    out,
    answers: out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

const call = (id: number, name: string, args: string): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;

describe('lines of stdin', () => {
  it('that are no messages are answered, and what comes after them is read [MC-8]', async () => {
    const temp = await world();
    const { code, answers } = await spoken(temp, [
      '{"jsonrpc": "2.0", "id": 1, "id": 2}',
      'hello',
      '[]',
      '',
      'null',
      '{"jsonrpc":"1.0","id":1,"method":"x"}',
      `{"a":"${'x'.repeat(9 * 1024 * 1024)}"}`,
      `${'['.repeat(100_000)}`,
      JSON.stringify(HELLO),
      '{"jsonrpc":"2.0","id":7,"method":"no/such"}',
      call(8, 'status', '{}'),
    ]);
    expect(code).toBe(0);
    const codes = answers.filter(({ id }) => id === null).map(({ error }) => error.code);
    expect(codes).toEqual([-32700, -32700, -32600, -32600, -32600, -32700, -32700]);
    expect(answers.find(({ id }) => id === 7).error.code).toBe(-32601);
    for (const { error } of answers) if (error) expect(error.message.length).toBeLessThan(500);
    expect(answers.find(({ id }) => id === 8).result.isError).toBeUndefined();
  });

  it('keep every digit of a number, both ways [MC-8]', async () => {
    const temp = await world();
    const seed = '18446744073709551615';
    const args = `{"file":"a.json","calls":[{"op":"set","args":{"input":"3.seed","value":${seed}}}]}`;
    const { answers } = await spoken(temp, [JSON.stringify(HELLO), call(2, 'edit', args)]);
    const { content } = answers.find(({ id }) => id === 2).result;
    expect(content[0].text).toContain(`:${seed}`);
    const { proposal } = JSON.parse(content[0].text);
    expect(temp.git('show', `refs/cwf/proposal/${proposal}:a.json`)).toContain(seed);
  });

  it('end, and what was asked before is answered [MC-1]', async () => {
    const temp = await world();
    const asked = Array.from({ length: 5 }, (_, n) =>
      call(n + 2, 'set', `{"file":"a.json","values":[{"address":"3.steps","value":"${30 + n}"}]}`),
    );
    const { code, answers } = await spoken(temp, [JSON.stringify(HELLO), ...asked]);
    expect(code).toBe(0);
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(temp.git('for-each-ref', 'refs/cwf/proposal').trim().split('\n')).toHaveLength(1);
  });
});

describe('who acts [MC-4]', () => {
  it.each([
    ['Claude Code', 'agent/Claude-Code'],
    ['person', 'agent/person'],
    ['../../x', 'agent/x'],
    ['\u001b[31m', 'agent/31m'],
    ['', 'agent/mcp'],
    ['漢字', 'agent/mcp'],
    ['x'.repeat(500), `agent/${'x'.repeat(64)}`],
  ])('%j is %s', (client, actor) => {
    expect(agentOf(client)).toBe(actor);
  });

  it('as read changes nothing; as write edits the branch, where no rule keeps it off [MC-4]', async () => {
    const temp = await world();
    const set = { file: 'a.json', values: [{ address: '3.steps', value: '31' }] };
    const reader = await overStdio(temp, ['--scope', 'read']);
    expect((await reader.call('set', set)).body.code).toBe('VERB_UNKNOWN');
    expect((await reader.call('status')).isError).toBe(false);
    const writer = await overStdio(temp, ['--scope', 'write', '--actor', 'agent/own']);
    const { body } = await writer.call('set', set);
    expect(body.branch).toBe('refs/heads/main');
    expect(temp.read('a.json')).toContain('31');
    await protect.run(temp.ctx, { branch: '@default' });
    const head = temp.git('rev-parse', 'main');
    const refused = await writer.call('set', { ...set, values: [{ address: '3.steps', value: '32' }] });
    expect(refused.body).toMatchObject({ code: 'BRANCH_PROTECTED', hint: expect.stringContaining('--propose') });
    expect(refused.body.message).toContain('agent/own may not change it');
    expect(temp.git('rev-parse', 'main')).toBe(head);
  });
});
