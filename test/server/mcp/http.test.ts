import { describe, expect, it } from 'vitest';
import { tokenAdd, tokenRm } from '../../../src/porcelain/token.ts';
import { served, type TestServer } from '../served.ts';

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
const ACCEPT = { accept: 'application/json, text/event-stream' };

async function headersOf(server: TestServer, actor: string): Promise<Record<string, string>> {
  const { token } = await tokenAdd.run(server.ctx, { actor, scope: 'propose' });
  return { ...ACCEPT, authorization: `Bearer ${token}` };
}

describe('/mcp [MC-2]', () => {
  it('has sessions, each for the token that began it', async () => {
    const server = await served();
    const [one, other] = [await headersOf(server, 'agent/one'), await headersOf(server, 'agent/other')];
    const begun = await server.post('/mcp', HELLO, one);
    expect(begun.body.result.serverInfo.name).toBe('cwf');
    const session = { 'mcp-session-id': begun.headers.get('mcp-session-id')! };
    expect((await server.post('/mcp', LIST, { ...one, ...session })).body.result.tools.length).toBeGreaterThan(10);
    for (const headers of [
      { ...other, ...session },
      { ...one, 'mcp-session-id': 'x' },
    ]) {
      const { status, body } = await server.post('/mcp', LIST, headers);
      expect([status, body.code]).toEqual([404, 'SESSION_NOT_FOUND']);
    }
    expect((await server.post('/mcp', LIST, one)).status).toBe(400);
    await tokenRm.run(server.ctx, { actor: 'agent/one' });
    expect((await server.post('/mcp', LIST, { ...one, ...session })).status).toBe(401);
  });

  it('stands behind the same gate as everything else', async () => {
    const server = await served();
    const agent = await headersOf(server, 'agent/one');
    expect((await server.post('/mcp', HELLO, { ...ACCEPT, authorization: '' })).status).toBe(401);
    expect((await server.post('/mcp', HELLO, { ...agent, origin: 'http://evil.example' })).status).toBe(403);
    expect((await server.get('/mcp', agent)).status).toBe(405);
    expect((await server.post('/mcp', HELLO, { ...agent, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await server.post('/mcp', '{"id": 1, "id": 2}', agent)).status).toBe(422);
    expect((await server.post('/mcp', `"${'x'.repeat(9_000_000)}"`, agent)).status).toBe(413);
    expect((await server.post('/mcp', '[]', agent)).status).toBe(400);
    expect((await server.post('/mcp', { ...HELLO, method: 1 }, agent)).status).toBe(400);
  });

  it('keeps a hundred sessions, and lets those go that were silent longest', async () => {
    const server = await served();
    const agent = await headersOf(server, 'agent/one');
    const ids: string[] = [];
    for (let n = 0; n < 102; n++) ids.push((await server.post('/mcp', HELLO, agent)).headers.get('mcp-session-id')!);
    const status = async (id: string) => (await server.post('/mcp', LIST, { ...agent, 'mcp-session-id': id })).status;
    expect([await status(ids[0]!), await status(ids[1]!), await status(ids[101]!)]).toEqual([404, 404, 200]);
  });
});
