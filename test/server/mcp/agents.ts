import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterEach } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { tokenAdd } from '../../../src/porcelain/token.ts';
import type { TokenScope } from '../../../src/porcelain/token-scope.ts';
import { ROOT } from '../../cli/cwf.ts';
import { ENV, type Temp } from '../../porcelain/temp.ts';
import { serverOn } from '../served.ts';

/** What a tool answered, read. */
export interface ToolResult {
  readonly isError: boolean;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** An agent: the official client, connected. */
export interface Agent {
  readonly client: Client;
  call(name: string, args?: Record<string, unknown>): Promise<ToolResult>;
  /** The text of a resource. */
  read(uri: string): Promise<string>;
}

const open = new Set<Client>();
afterEach(async () => {
  for (const client of open) await client.close();
  open.clear();
});

/** Starts `cwf mcp` in a folder and connects to it. */
export function overStdio(temp: Temp, args: readonly string[] = [], name = 'Tuner 3'): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(ROOT, 'bin/cwf.cjs'), 'mcp', ...args],
    cwd: temp.dir,
    env: ENV as Record<string, string>,
    stderr: 'ignore',
  });
  return connected(transport as Transport, name);
}

/** Serves a folder and connects to `/mcp` with a token of an actor. */
export async function overHttp(temp: Temp, actor = 'agent/Tuner-3', scope: TokenScope = 'propose'): Promise<Agent> {
  const { url } = await serverOn(temp);
  const { token } = await tokenAdd.run(temp.ctx, { actor, scope });
  return atUrl(url, token);
}

/** Connects to `/mcp` of a server. */
export function atUrl(url: string, token: string): Promise<Agent> {
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  return connected(transport as Transport, 'Tuner 3');
}

async function connected(transport: Transport, name: string): Promise<Agent> {
  const client = new Client({ name, version: '1.0.0' });
  await client.connect(transport);
  open.add(client);
  return {
    client,
    async call(tool, args = {}) {
      const { content, isError } = await client.callTool({ name: tool, arguments: args });
      const text = (content as { readonly text: string }[])[0]!.text;
      return { isError: isError === true, text, body: JSON.parse(text) as Json };
    },
    async read(uri) {
      const { contents } = await client.readResource({ uri });
      return (contents[0] as { readonly text: string }).text;
    },
  };
}
