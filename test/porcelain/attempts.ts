import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commit } from '../../src/porcelain/commit.ts';
import { type AnyVerb, VERBS as TABLE } from '../../src/porcelain/index.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { propose } from '../../src/porcelain/propose.ts';
import { protect } from '../../src/porcelain/protect.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { readDocument } from '../../src/porcelain/worktree.ts';
import { apiWith } from './samples.ts';
import { type Temp, tempRepo } from './temp.ts';

/** The verbs by names that no type knows. */
export const VERBS: Readonly<Record<string, () => Promise<AnyVerb>>> = TABLE;

/** Two commits on main, a branch that left after the first, and one whose change conflicts. */
export async function world(isProtected = true): Promise<Temp> {
  const temp = await tempRepo({ 'a.json': apiWith('3', 'steps', 20) });
  await commit.run(temp.ctx, { message: 'one' });
  if (isProtected) await protect.run(temp.ctx, { branch: '@default' });
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
export function refsOf(temp: Temp): string {
  const refs = temp.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
  return refs.filter((line) => /^refs\/(heads\/main|cwf\/protect) /.test(line)).join('\n');
}

/** All that an agent must leave as it is: the protected branch, the rules, the working tree, an open merge. */
export function guarded(temp: Temp): Record<string, string> {
  return {
    refs: refsOf(temp),
    work: temp.read('a.json'),
    status: temp.git('status', '--porcelain'),
    merge: existsSync(join(temp.dir, '.git/cwf/merge.json')) ? temp.read('.git/cwf/merge.json') : '',
  };
}

const STUDY = { what: 'a.json', objectives: ['latency:min'], budget: 1, name: 's' };
export const STEPS = { file: 'a.json', values: [{ address: '3.steps', value: '99' }] };

/**
 * For each verb that changes something an input with which a person changes a protected branch by it, or something near
 * it; `prepare` is done by a person. A verb that is not here fails the test below.
 */
export const ATTEMPTS: Readonly<
  Record<string, { input: object; prepare?: (temp: Temp) => Promise<unknown>; isFree?: true }>
> = {
  'bisect mark': { input: { revs: ['HEAD'], mark: 'bad' } },
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
  'exp confirm': { input: { study: 's', seeds: 1 }, prepare: studied, isFree: true },
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

/** A study of a workflow that the embedded engine runs. */
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

/** A proposal of the branch `side`. */
export async function proposed(temp: Temp): Promise<void> {
  await propose.run(temp.ctx, { branch: 'side', into: 'main' });
}

/** The parts of a verb's input that are known only once a world is there. */
export async function idsFor(name: string, temp: Temp): Promise<object> {
  if (name.startsWith('review'))
    return { proposal: temp.git('for-each-ref', '--format=%(refname:lstrip=3)', 'refs/cwf/proposal').trim() };
  if (name !== 'op restore') return {};
  const { operations } = await (await VERBS['op log']!()).run(temp.ctx, {});
  return { operation: operations.at(-1).id };
}
