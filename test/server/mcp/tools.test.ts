import { describe, expect, it } from 'vitest';
import { MORE, type Tool, toolsFor } from '../../../server/mcp/tools.ts';
import { neededScope } from '../../../src/porcelain/call.ts';
import { covers, TOKEN_SCOPES, type TokenScope } from '../../../src/porcelain/token-scope.ts';

async function listed(scope: TokenScope): Promise<readonly Tool[]> {
  return [...[...(await toolsFor(scope)).values()].map(({ tool }) => tool), MORE];
}

describe('the list of tools [MC-3]', () => {
  it.each(TOKEN_SCOPES)('of %s is under 20,000 characters', async (scope) => {
    expect(JSON.stringify({ tools: await listed(scope) }).length).toBeLessThan(20_000);
  });

  it.each(TOKEN_SCOPES)('of %s has what it may call, and no more', async (scope) => {
    const tools = await toolsFor(scope);
    for (const { verb } of tools.values())
      expect(covers(scope, neededScope(verb, verb.lists ? {} : { any: true })), verb.name).toBe(true);
    expect(tools.has('review_merge')).toBe(covers(scope, 'write'));
    expect(tools.has('set')).toBe(covers(scope, 'propose'));
    for (const none of ['token_add', 'bisect_run', 'protect', 'output_gc']) expect(tools.has(none)).toBe(false);
  });

  it('says of every field in a few words what it is, and of every reading tool that it reads', async () => {
    for (const { name, description, inputSchema, annotations } of await listed('admin')) {
      expect(name).toMatch(/^[a-z_-]{1,64}$/);
      expect(description.length, name).toBeLessThan(100);
      expect(inputSchema.type).toBe('object');
      for (const [field, schema] of Object.entries(inputSchema['properties'] as Record<string, object>)) {
        expect(field, name).not.toBe('allowSecrets');
        if (field !== 'values') expect(schema, `${name} ${field}`).toHaveProperty('description');
      }
      const isReading =
        /^(status|log|show|diff|blame|validate|space|more|conflicts)$|_(show|list|ls|next|compare|explain)$/.test(name);
      expect(annotations?.readOnlyHint ?? false, name).toBe(isReading);
    }
  });
});
