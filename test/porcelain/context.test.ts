import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/porcelain/config.ts';
import { openContext } from '../../src/porcelain/context.ts';
import { readIdentities } from '../../src/porcelain/identity.ts';
import { failure, tempDir, tempRepo } from './temp.ts';

describe('.cwfrc', () => {
  it('is JSON with comments; texts that look like comments stay', async () => {
    const config = await parseConfig('{ /* a */ "ignore": ["a//b", "c/*d*/", ",]"], // "x"\n}', '.cwfrc');
    expect(config.ignore).toEqual(['a//b', 'c/*d*/', ',]']);
  });

  it.each([
    ['{', /.cwfrc: /],
    ['{"colour": 1}', /colour/],
    ['{"durability": "fast"}', /durability/],
    ['[]', /.cwfrc: /],
    ['{"ignore": "x"}', /ignore/],
  ])('refuses %j', async (text, message) => {
    expect((await failure('CONFIG_INVALID', parseConfig(text, '.cwfrc'))).message).toMatch(message);
  });

  it('is read with the repository; the actor of the command wins', async () => {
    const t = await tempRepo({ '.cwfrc': '{"actor": "tool/editor", "durability": "normal"}' });
    expect((await t.open()).actor).toBe('tool/editor');
    expect((await t.open({ env: { CWF_ACTOR: 'agent:x' } })).actor).toBe('agent/x');
    expect((await t.open({ actor: 'person' })).actor).toBe('person');
    for (const actor of ['', 'root', 'agent/', 'agent/a b', 'agent/x\nCwf-Op: y', 'tool/../x']) {
      await failure('ACTOR_INVALID', t.open({ actor }));
    }
    await failure('REPO_NOT_FOUND', openContext({ cwd: tempDir() }));
  });
});

describe('identity', () => {
  it('comes from the environment, then from git, then from this machine', async () => {
    const t = await tempRepo();
    const home = tempDir();
    writeFileSync(
      join(home, '.gitconfig'),
      '[user]\n\tname = "Grace \\"G\\" Hopper" ; rank\n[include]\n\tpath = more.inc\n',
    );
    writeFileSync(join(home, 'more.inc'), '[User]\n  EMAIL = grace@navy.mil # work\n[include]\npath = more.inc\n');
    const base = { HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
    const read = (env: Record<string, string>) => readIdentities(t.ctx.repo.gitDir, env, 1_700_000_000_123);
    expect((await read(base)).author).toMatchObject({
      name: 'Grace "G" Hopper',
      email: 'grace@navy.mil',
      timestamp: 1_700_000_000,
    });
    t.git('config', 'user.name', 'Local');
    const both = await read({ ...base, GIT_AUTHOR_NAME: 'Env', GIT_AUTHOR_DATE: '1600000000 -0130' });
    expect(both.author).toMatchObject({ name: 'Env', email: 'grace@navy.mil', timestamp: 1_600_000_000, offset: -90 });
    expect(both.committer).toMatchObject({ name: 'Local', timestamp: 1_700_000_000 });
    const bare = await readIdentities(join(home, 'none'), { HOME: join(home, 'none'), GIT_CONFIG_NOSYSTEM: '1' }, 0);
    expect(bare.author.name).not.toBe('');
    expect(bare.author.email).toMatch(/^[^@\s]+@[^@\s]+$/);
  });

  it('[C3-39] is cleaned of what would break a commit', async () => {
    const env = {
      GIT_AUTHOR_NAME: 'A\nparent 0000',
      GIT_AUTHOR_EMAIL: '<x>',
      GIT_COMMITTER_NAME: 'B'.repeat(10_000),
      GIT_COMMITTER_EMAIL: ' \u0000a@b ',
    };
    const { author, committer } = await readIdentities('/nonexistent', env, 0);
    expect([author.name, author.email, committer.name.length, committer.email]).toEqual([
      'A parent 0000',
      'x',
      200,
      'a@b',
    ]);
  });
});
