import { describe, expect, it } from 'vitest';
import { tokenAdd } from '../../src/porcelain/token.ts';
import { changes } from '../../src/porcelain/verb.ts';
import { ATTEMPTS, idsFor, STEPS, VERBS, world } from '../porcelain/attempts.ts';
import { copyOf, type Temp } from '../porcelain/temp.ts';
import { serverOn, type TestServer } from './served.ts';

/** An agent's headers at a server. */
async function agentAt({ ctx }: TestServer): Promise<Record<string, string>> {
  const { token } = await tokenAdd.run(ctx, { actor: 'agent/tuner', scope: 'propose' });
  return { authorization: `Bearer ${token}` };
}

/** All that who only proposes must leave as it is. */
function kept(temp: Temp): string {
  const refs = temp.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
  const others = refs.filter((line) => !/^refs\/(cwf\/proposal|notes)\//.test(line));
  return [...others, temp.git('symbolic-ref', 'HEAD'), temp.git('status', '--porcelain'), temp.read('a.json')].join(
    '\n',
  );
}

const INPUTS: Readonly<Record<string, object>> = {
  'exp plot': { study: 's', out: 'page.html' },
  'output export': { output: `sha256:${'0'.repeat(64)}`, to: 'x.png' },
  'token add': { actor: 'agent/other', scope: 'admin' },
  'token rm': { actor: 'agent/tuner' },
};

describe('the token of an agent [SV-17]', () => {
  it('moves nothing but proposals and notes by any verb, whether a branch is protected or not', async () => {
    const made = await world(false);
    const common = await serverOn(await copyOf(made));
    const commonAgent = await agentAt(common);
    const allowed: string[] = [];
    for (const [name, load] of Object.entries(VERBS)) {
      const verb = await load();
      if (!changes(verb) || verb.local) continue;
      const { input = INPUTS[name] ?? {}, prepare } = ATTEMPTS[name] ?? {};
      // What is prepared for one would be in the way of another.
      const server = prepare ? await serverOn(await copyOf(made)) : common;
      const agent = prepare ? await agentAt(server) : commonAgent;
      await prepare?.(server);
      const before = kept(server);
      const full = { ...input, ...(await idsFor(name, server)) };
      const { status, body } = await server.post(`/api/${name.replaceAll(' ', '/')}`, full, agent);
      expect(kept(server), name).toBe(before);
      if (status === 200) allowed.push(name);
      else {
        expect([403, 404, 422, 502], `${name}: ${status} ${body.detail}`).toContain(status);
        expect(body.hint.length, name).toBeGreaterThan(0);
      }
      if (prepare) await server.served.close!();
    }
    const free = ['propose', 'repair', 'review checks', 'review comment', 'review request-changes', 'run all'];
    expect(allowed).toEqual(free);
  }, 120_000);

  it('brings each kind of change to a proposal, which a person merges', async () => {
    const server = await serverOn(await world());
    const agent = await agentAt(server);
    const refused = await server.post('/api/set', STEPS, agent);
    expect([refused.status, refused.body.code]).toEqual([403, 'PROPOSE_ONLY']);
    expect(refused.body.hint).toContain('`propose`');
    const first = await server.post('/api/set', { ...STEPS, propose: true }, agent);
    expect(first.status).toBe(200);
    const { proposal } = first.body;
    const edit = { file: 'a.json', calls: [{ op: 'set', args: { input: '3.cfg', value: 5 } }], proposal };
    expect((await server.post('/api/edit', edit, agent)).body.proposal).toBe(proposal);
    const shown = await server.get(`/api/review/show?proposal=${proposal}`, agent);
    expect(shown.body.commits.map((one: { actor: string }) => one.actor)).toEqual(['agent/tuner', 'agent/tuner']);
    for (const verb of ['approve', 'merge']) {
      const { status, body } = await server.post(`/api/review/${verb}`, { proposal }, agent);
      expect([status, body.code], verb).toEqual([403, 'SCOPE_TOO_SMALL']);
    }
    const merged = await server.post('/api/review/merge', { proposal });
    expect(merged.status, JSON.stringify(merged.body)).toBe(200);
    expect(JSON.parse(server.read('a.json'))['3'].inputs).toMatchObject({ steps: 99, cfg: 5 });
  });

  it('runs on the embedded engine alone: what a server does with it a person looks at first', async () => {
    const server = await serverOn(await world());
    const agent = await agentAt(server);
    for (const verb of ['run', 'reproduce']) {
      const { status, body } = await server.post(`/api/${verb}`, { on: 'gpu' }, agent);
      expect([status, body.code], verb).toEqual([403, 'SCOPE_TOO_SMALL']);
    }
    const { body } = await server.post('/api/run', {}, agent);
    expect(body.detail).toContain('embedded');
  });
});
