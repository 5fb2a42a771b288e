import { describe, expect, it } from 'vitest';
import { MORE, toolsFor } from '../../../server/mcp/tools.ts';

const listed = async (scope: 'read' | 'propose' | 'write' | 'admin') => [
  ...[...(await toolsFor(scope)).values()].map(({ tool }) => tool),
  MORE,
];

describe('the list of tools [MC-3]', () => {
  it.each(['read', 'propose', 'write', 'admin'] as const)('of %s is under 20,000 characters', async (scope) => {
    const tools = await listed(scope);
    console.log(scope, tools.length, JSON.stringify({ tools }).length);
    expect(JSON.stringify({ tools }).length).toBeLessThan(20_000);
  });
});
