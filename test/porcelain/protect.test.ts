import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../src/base/errors.ts';
import { branch } from '../../src/porcelain/branch.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { type AnyVerb, VERBS } from '../../src/porcelain/index.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { propose } from '../../src/porcelain/propose.ts';
import { proposeOnly } from '../../src/porcelain/propose-only.ts';
import { protect } from '../../src/porcelain/protect.ts';
import { reviewApprove, reviewComment } from '../../src/porcelain/review-say.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { readDocument } from '../../src/porcelain/worktree.ts';
import { apiWith } from './samples.ts';
import { copyOf, ENV, failure, type Temp, tempDir, tempRepo } from './temp.ts';

/** Two commits on main, a branch that left after the first, and one whose change conflicts. */
async function world(): Promise<Temp> {
  const temp = await tempRepo({ 'a.json': apiWith('3', 'steps', 20) });
  await commit.run(temp.ctx, { message: 'one' });
  await protect.run(temp.ctx, { branch: '@default' });
  await switchTo.run(temp.ctx, { target: 'side', create: true });
  await set.run(temp.ctx, { file: 'a.json', values: [{ address: '3.cfg', value: '7' }] });
  await switchTo.run(temp.ctx, { target: 'main' });
  await switchTo.run(temp.ctx, { target: 'clash', create: true });
  await set.run(temp.ctx, { file: 'a.json', values: [{ address: '3.steps', value: '40' }] });
  await switchTo.run(temp.ctx, { target: 'main' });
  await set.run(temp.ctx, { file: 'a.json', values: [{ address: '3.steps', value: '30' }] });
  return temp;
}

/** Where the protected branch and the rules stand. */
function refsOf(temp: Temp): string {
  const refs = temp.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
  return refs.filter((line) => /^refs\/(heads\/main|cwf\/protect) /.test(line)).join('\n');
}

/** All that an agent must leave as it is: the protected branch, the rules, the working tree, an open merge. */
function guarded(temp: Temp): Record<string, string> {
  return {
    refs: refsOf(temp),
    work: temp.read('a.json'),
    status: temp.git('status', '--porcelain'),
    merge: existsSync(join(temp.dir, '.git/cwf/merge.json')) ? temp.read('.git/cwf/merge.json') : '',
  };
}

const STUDY = { what: 'a.json', objectives: ['latency:min'], budget: 1, name: 's' };
const STEPS = { file: 'a.json', values: [{ address: '3.steps', value: '99' }] };
/**
 * For each verb that changes something an input with which a person changes a protected branch by it, or something near
 * it; `prepare` is done by a person. A verb that is not here fails the test below.
 */
const ATTEMPTS: Readonly<Record<string, { input: object; prepare?: (temp: Temp) => Promise<unknown>; isFree?: true }>> =
  {
    'bisect mark': { input: { rev: 'HEAD', mark: 'bad' } },
    'bisect next': {
      input: {},
      prepare: async (t) => (await VERBS['bisect start']!()).run(t.ctx, { bad: 'HEAD', good: ['HEAD~1'] }),
    },
    'bisect reset': { input: {} },
    'bisect run': { input: { command: ['true'] } },
    'bisect start': { input: { bad: 'HEAD', good: ['HEAD~1'] }, isFree: true },
    branch: {
      input: { name: 'main', remove: 'force' },
      prepare: (t) => t.ctx && switchTo.run(t.ctx, { target: 'side' }),
    },
    'cherry-pick': { input: { revs: ['side'] } },
    commit: { input: {}, prepare: async (t) => t.write('a.json', apiWith('3', 'steps', 99)) },
    connect: { input: { file: 'a.json', apply: 0 } },
    edit: { input: { file: 'a.json', calls: [{ op: 'remove', args: { node: '9' } }] } },
    'exp apply': { input: { trial: 's/1' }, prepare: studied },
    'exp promote': { input: { trial: 's/1' }, prepare: studied, isFree: true },
    'exp resume': { input: { study: 's', budget: 3 }, prepare: studied, isFree: true },
    'exp stop': { input: { study: 's' }, prepare: studied, isFree: true },
    fsck: { input: { repair: true } },
    import: { input: { source: 'b.json' }, prepare: async (t) => t.write('b.json', apiWith('3', 'steps', 99)) },
    merge: { input: { rev: 'side' } },
    'merge abort': { input: { op: 'merge' }, prepare: (t) => merge.run(t.ctx, { rev: 'clash' }) },
    'merge continue': {
      input: { op: 'merge' },
      prepare: async (t) => {
        await merge.run(t.ctx, { rev: 'clash' });
        await (await VERBS['resolve']!()).run(t.ctx, { ids: [], all: true, take: 'theirs' });
      },
    },
    resolve: { input: { ids: [], all: true, take: 'theirs' }, prepare: (t) => merge.run(t.ctx, { rev: 'clash' }) },
    'metric run': { input: { files: ['x.png'] } },
    'note add': { input: { text: 'hello' }, isFree: true },
    'op restore': { input: {}, prepare: async () => {} },
    optimize: { input: STUDY },
    'output add': { input: { file: 'a.json' }, isFree: true },
    propose: { input: { branch: 'side', into: 'main' }, isFree: true },
    protect: { input: { branch: '@default', remove: true } },
    rank: { input: { candidates: ['HEAD', 'side'], winner: 'a' }, isFree: true },
    redo: { input: {}, prepare: (t) => undo.run(t.ctx, {}) },
    repair: { input: { file: 'a.json', branch: 'main' } },
    restore: { input: { files: ['a.json'], source: 'HEAD~1' } },
    revert: { input: { revs: ['HEAD'] } },
    'review approve': { input: {}, prepare: proposed },
    'review checks': { input: {}, prepare: proposed, isFree: true },
    'review comment': { input: { text: 'hm' }, prepare: proposed, isFree: true },
    'review merge': { input: {}, prepare: proposed },
    'review reject': { input: {}, prepare: proposed },
    'review request-changes': { input: {}, prepare: proposed, isFree: true },
    reproduce: { input: { what: 'HEAD' } },
    run: { input: { what: 'HEAD' } },
    'run all': { input: { what: ['HEAD'] } },
    set: { input: STEPS },
    switch: { input: { target: 'side', create: false }, isFree: true },
    tag: { input: { name: 'v1' }, isFree: true },
    undo: { input: {} },
  };

/** A study of a workflow that the embedded engine runs, on a branch of its own. */
async function studied(temp: Temp): Promise<void> {
  const blur = {
    '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 5 } },
    '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 3, sigma: 1 } },
    '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
  };
  // In the form of the commit: git looks at the bytes of a file this young.
  temp.write('blur.json', readDocument(temp.ctx, Buffer.from(JSON.stringify(blur)), 'blur.json').bytes);
  await commit.run(temp.ctx, { message: 'blur' });
  const { optimize } = await import('../../src/porcelain/optimize.ts');
  await optimize.run(temp.ctx, { ...STUDY, what: 'blur.json', budget: 2 });
}

async function proposed(temp: Temp): Promise<void> {
  await propose.run(temp.ctx, { branch: 'side', into: 'main' });
}

describe('a protected branch', () => {
  it('[RV-2] is left as it is by every verb that changes something, when an agent calls it', async () => {
    const mutating: [string, AnyVerb][] = [];
    for (const [name, load] of Object.entries(VERBS)) {
      const verb = await load();
      if (verb.mutates) mutating.push([name, verb]);
    }
    expect(mutating.map(([name]) => name).sort()).toEqual(Object.keys(ATTEMPTS).sort());
    const made = await world();
    for (const [name, verb] of mutating) {
      const temp = await copyOf(made);
      const { input, prepare, isFree } = ATTEMPTS[name]!;
      await prepare?.(temp);
      const agent = await temp.open({ actor: 'agent/tuner' });
      const full = { ...input, ...(await idsFor(name, temp)) };
      const before = guarded(temp);
      const error = await verb.run(agent, full).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined) expect(isCwfError(error), `${name}: ${error}`).toBe(true);
      const after = guarded(temp);
      // To go elsewhere is free: the files are then those of another branch.
      const keys = name === 'switch' || name.startsWith('bisect') ? ['refs'] : Object.keys(before);
      for (const key of keys) expect(after[key], `${name}: ${key}`).toBe(before[key]);
      if (isFree) expect(error, name).toBeUndefined();
    }
  }, 120_000);

  it('[RV-2] is moved by the same calls when a person makes them, so that the law above says something', async () => {
    const made = await world();
    for (const name of [
      'branch',
      'cherry-pick',
      'commit',
      'edit',
      'merge',
      'revert',
      'set',
      'undo',
      'redo',
      'review merge',
      'merge continue',
    ]) {
      const temp = await copyOf(made);
      await ATTEMPTS[name]!.prepare?.(temp);
      const before = guarded(temp);
      await (await VERBS[name]!()).run(temp.ctx, { ...ATTEMPTS[name]!.input, ...(await idsFor(name, temp)) });
      expect(guarded(temp)['refs'], name).not.toBe(before['refs']);
    }
  }, 60_000);

  it('[RV-2] refuses with the rule and the next step, dry as well, and keeps the agent free elsewhere', async () => {
    const temp = await world();
    const agent = await temp.open({ actor: 'agent/tuner' });
    const error = await failure('BRANCH_PROTECTED', set.run(agent, STEPS));
    expect(error.message).toBe('main is protected (rule @default): agent/tuner may not change it with set');
    expect(error.hint).toContain('--propose');
    expect([error.exit, error.http]).toEqual([10, 403]);
    await failure('BRANCH_PROTECTED', merge.run(agent, { rev: 'side', dryRun: true }));
    await switchTo.run(agent, { target: 'agent/work', create: true });
    expect((await set.run(agent, STEPS)).branch).toBe('refs/heads/agent/work');
    await failure('BRANCH_PROTECTED', branch.run(agent, { name: 'main', rename: 'other' }));
    await failure(
      'BRANCH_PROTECTED',
      branch
        .run(agent, { name: 'agent/work', rename: 'master' })
        .then(() => branch.run(agent, { name: 'main', remove: 'force' })),
    );
  });

  it('[RV-2] stays where it was under any session of agents and people', async () => {
    const step = fc.constantFrom(
      'set',
      'undo',
      'redo',
      'revert',
      'merge',
      'commit',
      'switch',
      'back',
      'delete',
      'op restore',
    );
    const made = await world();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { minLength: 4, maxLength: 9 }), async (steps) => {
        const temp = await copyOf(made);
        const agent = await temp.open({ actor: 'agent/tuner' });
        let n = 50;
        for (const [what, isAgent] of steps) {
          const before = refsOf(temp);
          await act(isAgent ? agent : temp.ctx, temp, what, n++).catch((error: unknown) => {
            if (!isCwfError(error) || error.kind === 'bug') throw error;
          });
          if (isAgent) expect(refsOf(temp), what).toBe(before);
        }
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});

describe('rules', () => {
  it('[RV-1] lie in a ref that any git reads and carries to another copy', async () => {
    const temp = await world();
    expect(await protect.run(temp.ctx, {})).toMatchObject({ rules: [{ branch: '@default' }], defaultBranch: 'main' });
    const out = await protect.run(temp.ctx, { branch: 'release/*', approvals: 2, checks: ['validate'] });
    expect(out.rules.map((rule) => rule.branch).sort()).toEqual(['@default', 'release/*']);
    expect(JSON.parse(temp.git('show', 'refs/cwf/protect:protect.json')).rules).toEqual([
      { approvals: 0, branch: '@default', checks: [] },
      { approvals: 2, branch: 'release/*', checks: ['validate'] },
    ]);
    temp.git('fsck', '--strict');
    const copy = tempDir();
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: copy, env: ENV, encoding: 'utf8', stdio: 'pipe' });
    git('clone', '-q', temp.dir, '.');
    git('fetch', '-q', 'origin', 'refs/cwf/protect:refs/cwf/protect');
    const there = await temp.open({ cwd: copy, actor: 'agent/tuner' });
    await failure('BRANCH_PROTECTED', branch.run(there, { name: 'release/1' }));
    await branch.run(there, { name: 'release/1/fix' });
    await failure('BRANCH_PROTECTED', set.run(there, STEPS));
  });

  it('[RV-1] are taken away by people only, one by one, and undo brings them back', async () => {
    const temp = await world();
    const agent = await temp.open({ actor: 'agent/tuner' });
    const off = { branch: '@default', remove: true };
    await failure('PROTECT_DENIED', protect.run(agent, off));
    expect((await protect.run(temp.ctx, off)).rules).toEqual([]);
    await failure('PROTECT_DENIED', undo.run(agent, {}));
    await failure('PROTECT_DENIED', protect.run(agent, { branch: 'x' }));
    expect((await set.run(agent, STEPS)).branch).toBe('refs/heads/main');
    await undo.run(temp.ctx, {});
    await undo.run(temp.ctx, {});
    expect((await protect.run(temp.ctx, {})).rules).toMatchObject([{ branch: '@default' }]);
    await failure('BRANCH_PROTECTED', set.run(agent, STEPS));
    const error = await failure('PROTECT_NOT_FOUND', protect.run(temp.ctx, { branch: 'main', remove: true }));
    expect(error.hint).toContain('cwf protect --remove @default');
  });

  it('[RV-1] that cannot be read keep agents off every branch, and nobody else', async () => {
    const temp = await world();
    const blob =
      temp.git('hash-object', '-w', '--stdin-paths', '--no-filters').trim() ||
      temp.git('hash-object', '-w', 'a.json').trim();
    const tree = execFileSync('git', ['mktree'], {
      cwd: temp.dir,
      env: ENV,
      input: `100644 blob ${blob}\tprotect.json\n`,
      encoding: 'utf8',
    }).trim();
    temp.git('update-ref', 'refs/cwf/protect', temp.git('commit-tree', tree, '-m', 'x').trim());
    const agent = await temp.open({ actor: 'agent/tuner' });
    await failure('PROTECT_UNREADABLE', set.run(agent, STEPS));
    await failure('PROTECT_UNREADABLE', branch.run(agent, { name: 'any' }));
    await set.run(temp.ctx, STEPS);
  });

  it('[RV-1] of the default branch hold whatever else an agent makes or goes to', async () => {
    const temp = await world();
    const agent = await temp.open({ actor: 'agent/tuner' });
    await failure('BRANCH_PROTECTED', branch.run(agent, { name: 'master' }));
    temp.git('branch', '-m', 'main', 'trunk');
    await switchTo.run(agent, { target: 'side' });
    await failure('BRANCH_PROTECTED', branch.run(agent, { name: 'trunk', remove: 'force' }));
    await failure('BRANCH_PROTECTED', branch.run(agent, { name: 'main' }));
    await failure('BRANCH_PROTECTED', set.run(agent, STEPS));
    expect((await protect.run(temp.ctx, {})).branches).toHaveLength(3);
    expect((await set.run(agent, { ...STEPS, propose: true })).proposal).toBeDefined();
    temp.git('update-ref', 'refs/remotes/origin/trunk', 'trunk');
    temp.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
    await failure('BRANCH_PROTECTED', branch.run(agent, { name: 'trunk', remove: 'force' }));
    expect((await set.run(agent, STEPS)).branch).toBe('refs/heads/side');
  });

  it('[RV-1] refuse what is no pattern, and match parts of names as they say', async () => {
    const { ctx } = await world();
    for (const bad of ['', 'a b', 'refs/heads/main', 'a[b', '/x', 'a***b', '*a*b*c*d*e*'])
      await failure('PROTECT_INVALID', protect.run(ctx, { branch: bad }));
    await failure('PROTECT_INVALID', protect.run(ctx, { branch: 'x', approvals: 21 }));
    await failure('PROTECT_INVALID', protect.run(ctx, { branch: 'x', checks: ['frob'] }));
    for (const [pattern, names] of [
      ['SIDE', ['side']],
      ['cl*h', ['clash']],
      ['**', ['clash', 'main', 'side']],
    ] as const)
      expect((await protect.run(ctx, { branch: pattern, dryRun: true })).branches.map(({ name }) => name)).toEqual(
        [...new Set([...names, 'main'])].sort(),
      );
  });
});

describe('who may only propose', () => {
  it('[RV-3] leaves proposals and lines behind, and nothing else, be it a person', async () => {
    const temp = await world();
    const limited = proposeOnly(await temp.open({ actor: 'agent/tuner' }));
    const { proposal } = await set.run(limited, { ...STEPS, propose: true });
    await reviewComment.run(limited, { proposal: proposal!, text: 'please' });
    await switchTo.run(temp.ctx, { target: 'side' });
    await failure('PROPOSE_ONLY', set.run(limited, STEPS));
    await failure('PROPOSE_ONLY', branch.run(limited, { name: 'new' }));
    await failure('PROPOSE_ONLY', switchTo.run(limited, { target: 'main' }));
    await failure('PROPOSE_ONLY', set.run(proposeOnly(temp.ctx), STEPS));
  });

  it('[RV-5] cannot take back what others said, and may take back what it said itself', async () => {
    const temp = await world();
    await proposed(temp);
    const id = temp.git('for-each-ref', '--format=%(refname:lstrip=3)', 'refs/cwf/proposal').trim();
    const agent = await temp.open({ actor: 'agent/tuner' });
    await reviewApprove.run(temp.ctx, { proposal: id });
    await failure('PROTECT_DENIED', undo.run(agent, {}));
    await reviewComment.run(agent, { proposal: id, text: 'mine' });
    const lines = (): string[] => temp.git('notes', '--ref=cwf/review', 'show', 'side').trim().split('\n');
    expect(lines()).toHaveLength(3);
    await undo.run(agent, {});
    expect(lines()).toHaveLength(2);
    const forged = { event: 'approve', proposal: id, actor: 'person', name: 'Ada', email: 'a@b', seq: 9, time: 1 };
    await failure(
      'PROTECT_DENIED',
      agent.repo.transaction({ command: 'x', actor: agent.actor }, async (tx) =>
        agent.repo.notes('review').add(tx, temp.git('rev-parse', 'side').trim(), forged),
      ),
    );
  });
});

async function idsFor(name: string, temp: Temp): Promise<object> {
  if (name.startsWith('review'))
    return { proposal: temp.git('for-each-ref', '--format=%(refname:lstrip=3)', 'refs/cwf/proposal').trim() };
  if (name !== 'op restore') return {};
  const { operations } = await (await VERBS['op log']!()).run(temp.ctx, {});
  return { operation: operations.at(-1).id };
}

async function act(ctx: Context, temp: Temp, what: string, n: number): Promise<unknown> {
  switch (what) {
    case 'set':
      return set.run(ctx, { file: 'a.json', values: [{ address: '3.steps', value: String(n) }] });
    case 'commit':
      temp.write('a.json', apiWith('3', 'seed', n));
      return commit.run(ctx, {});
    case 'merge':
      return merge.run(ctx, { rev: 'side' });
    case 'switch':
      return switchTo.run(ctx, { target: 'side' });
    case 'back':
      return switchTo.run(ctx, { target: 'main' });
    case 'delete':
      return branch.run(ctx, { name: 'main', remove: 'force' });
    case 'revert':
      return (await VERBS['revert']!()).run(ctx, { revs: ['main'] });
    default:
      return (await VERBS[what]!()).run(ctx, await idsFor(what, temp));
  }
}
