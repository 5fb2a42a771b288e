import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep } from '../../src/plan/bisect/midpoint.ts';
import { bisectLog, bisectMark, bisectNext, bisectReset, bisectStart } from '../../src/porcelain/bisect.ts';
import { bisectRun } from '../../src/porcelain/bisect-run.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { status } from '../../src/porcelain/status.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { contained, histories } from '../plan/bisect/histories.ts';
import { apiGraph, apiWith } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

/** A command that judges the workflow: exit code of a JavaScript expression over its `graph`. */
function judge(expression: string): string[] {
  const body = `const graph = JSON.parse(require('fs').readFileSync(process.env.CWF_FILE, 'utf8')); process.exit(${expression});`;
  return [process.execPath, '-e', body];
}
const STEPS = (limit: number): string[] => judge(`graph[3].inputs.steps >= ${limit} ? 1 : 0`);

/** Commits with steps 1, 2, 3 ... on a branch. */
async function chain(length: number): Promise<{ t: Temp; oids: string[] }> {
  const t = await tempRepo();
  const oids: string[] = [];
  for (let n = 0; n < length; n++) {
    t.write('a.json', apiWith('3', 'steps', n));
    oids.push((await commit.run(t.ctx, { message: `c${n}` })).oid!);
  }
  return { t, oids };
}

describe('bisect', () => {
  it('checks out candidates until the first bad commit is known, and goes back', async () => {
    const { t, oids } = await chain(12);
    const first = await bisectStart.run(t.ctx, { bad: 'HEAD', good: ['HEAD~11'] });
    expect(first).toMatchObject({ kind: 'test', remaining: 5, steps: 3 });
    expect((await t.ctx.repo.head()).branch).toBeUndefined();
    expect((await status.run(t.ctx, {})).inProgress).toEqual(['bisect']);
    let out = first;
    while (out.kind === 'test') {
      const { steps } = JSON.parse(t.read('a.json'))[3].inputs;
      expect(out.commit!.subject).toBe(`c${steps}`);
      out = await bisectMark.run(await t.open(), { mark: steps >= 7 ? 'bad' : 'good' });
    }
    expect(out).toMatchObject({ kind: 'found', commit: { oid: oids[7], subject: 'c7' } });
    expect((await bisectLog.run(t.ctx, {})).marks.length).toBeGreaterThan(4);
    expect(await bisectReset.run(t.ctx, {})).toEqual({ branch: 'refs/heads/main', oid: oids[11] });
    expect(JSON.parse(t.read('a.json'))[3].inputs.steps).toBe(11);
    expect(t.git('status', '--porcelain')).toBe('');
    await failure('BISECT_NONE', bisectReset.run(t.ctx, {}));
  });

  it('waits for a good and a bad commit, in any order', async () => {
    const { t } = await chain(4);
    expect(await bisectStart.run(t.ctx, {})).toEqual({ kind: 'waiting' });
    expect(await bisectMark.run(t.ctx, { mark: 'bad' })).toEqual({ kind: 'waiting', missing: 'good' });
    await failure('BISECT_WAITING', bisectRun.run(t.ctx, { command: ['true'] }));
    expect(await bisectMark.run(t.ctx, { mark: 'good', revs: ['HEAD~3'] })).toMatchObject({ kind: 'test' });
    expect((await bisectNext.run(t.ctx, {})).kind).toBe('test');
  });

  it('names every candidate when only skipped commits are left', async () => {
    const { t, oids } = await chain(6);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const out = await bisectMark.run(t.ctx, { mark: 'skip', revs: oids.slice(1, 5) });
    expect(out.kind).toBe('only-skipped');
    expect(out.candidates!.map(({ oid }) => oid).sort()).toEqual(oids.slice(1).sort());
  });

  it('keeps uncommitted work and refuses to go on', async () => {
    const { t } = await chain(5);
    t.write('a.json', apiWith('3', 'cfg', 3));
    await failure('UNCOMMITTED_CHANGES', bisectStart.run(t.ctx, { bad: 'HEAD', good: ['HEAD~4'] }));
    expect(JSON.parse(t.read('a.json'))[3].inputs.cfg).toBe(3);
    t.write('a.json', apiWith('3', 'steps', 4));
    t.write('new.json', apiGraph());
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: ['HEAD~4'] });
    expect(t.exists('new.json')).toBe(true);
    t.write('a.json', apiWith('3', 'cfg', 3));
    await failure('UNCOMMITTED_CHANGES', bisectMark.run(t.ctx, { mark: 'good' }));
    await failure('UNCOMMITTED_CHANGES', bisectReset.run(t.ctx, {}));
  });

  it('tests the merge base first when a good commit is no ancestor of the bad one, and says when that is bad', async () => {
    const { t, oids } = await chain(3);
    await switchTo.run(t.ctx, { target: 'side', create: true, start: 'HEAD~1' });
    t.write('b.json', apiGraph());
    const side = (await commit.run(t.ctx, {})).oid!;
    const out = await bisectStart.run(t.ctx, { bad: oids[2]!, good: [side] });
    expect(out).toMatchObject({ kind: 'test', mergeBase: true, commit: { oid: oids[1] } });
    expect(await bisectMark.run(t.ctx, { mark: 'good' })).toMatchObject({ kind: 'found', commit: { oid: oids[2] } });
    await failure('BISECT_ORDER', bisectStart.run(t.ctx, { bad: oids[0]!, good: [oids[2]!] }));
  });
});

describe('bisect run', () => {
  it('finds the commit with a command, by git exit codes', async () => {
    const { t, oids } = await chain(20);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const command = judge('graph[3].inputs.steps === 9 ? 125 : graph[3].inputs.steps >= 13 ? 3 : 0');
    const out = await bisectRun.run(t.ctx, { command });
    expect(out.result).toMatchObject({ kind: 'found', commit: { oid: oids[13] } });
    expect(out.tests.length).toBeLessThanOrEqual(6);
    expect(out.tests.every(({ exit, mark }) => mark === (exit === 0 ? 'good' : exit === 125 ? 'skip' : 'bad'))).toBe(
      true,
    );
  });

  it('runs without a shell in the working tree, with CWF_COMMIT and CWF_FILE', async () => {
    const { t, oids } = await chain(3);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const report = `require('fs').writeFileSync('seen.txt', [process.env.CWF_COMMIT, process.env.CWF_FILE, process.argv[1]].join(' '))`;
    await bisectRun.run(t.ctx, { command: [process.execPath, '-e', report, '$(touch x); *'] });
    expect(t.read('seen.txt')).toBe(`${oids[1]} a.json $(touch x); *`);
    expect(t.exists('x')).toBe(false);
  });

  it('aborts on 128 and more, on a signal, and on a program that is not there, and can go on', async () => {
    const { t, oids } = await chain(6);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    for (const command of [
      judge('200'),
      judge('process.kill(process.pid, "SIGTERM"), 0'),
      ['no-such-program-here'],
      ['./a.json'],
    ]) {
      await failure('BISECT_COMMAND', bisectRun.run(t.ctx, { command }));
    }
    expect((await bisectRun.run(t.ctx, { command: STEPS(4) })).result).toMatchObject({ commit: { oid: oids[4] } });
  });

  it('takes 127 for bad where a good commit does not give it', async () => {
    const { t, oids } = await chain(8);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const out = await bisectRun.run(t.ctx, { command: judge('graph[3].inputs.steps >= 2 ? 127 : 0') });
    expect(out.result).toMatchObject({ kind: 'found', commit: { oid: oids[2] } });
  });
});

describe('bisect run --within', () => {
  /** One commit that changes many things, two of which together are bad. */
  async function tangled() {
    const { t, oids } = await chain(3);
    const graph = apiWith('3', 'steps', 50);
    Object.assign(graph['3']!['inputs'] as object, { cfg: 30, seed: 7, sampler_name: 'dpmpp_2m', scheduler: 'karras' });
    Object.assign(graph['5']!['inputs'] as object, { width: 1024, height: 1024 });
    graph['10'] = { class_type: 'LoraLoader', inputs: { lora_name: 'x', model: ['4', 0], clip: ['4', 1] } };
    (graph['3']!['inputs'] as { model: unknown }).model = ['10', 0];
    t.write('a.json', graph);
    t.write('b.json', apiGraph());
    const bad = (await commit.run(t.ctx, { message: 'many things' })).oid!;
    t.write('a.json', { ...graph, '11': { class_type: 'Note', inputs: { text: 'later' } } });
    await commit.run(t.ctx, { message: 'later' });
    return { t, oids, bad };
  }

  it('names the smallest set of edits, and leaves every byte as it was', async () => {
    const { t, oids, bad } = await tangled();
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[1]!] });
    const command = judge('graph[3].inputs.cfg > 20 && graph[3].inputs.model[0] === "10" ? 1 : 0');
    const { result, within } = await bisectRun.run(t.ctx, { command, within: true });
    expect(result).toMatchObject({ kind: 'found', commit: { oid: bad } });
    expect(within).toMatchObject({ kind: 'minimal', of: 10 });
    expect(within!.edits.map(({ text }) => text)).toEqual([
      '+ LoraLoader (10)',
      'KSampler "portrait" (3): model: CheckpointLoaderSimple (4).0 -> LoraLoader (10).0',
      'KSampler "portrait" (3): cfg 8 -> 30',
    ]);
    await bisectReset.run(t.ctx, {});
    expect(t.git('status', '--porcelain')).toBe('');
  });

  it('works on one commit by itself, in the layout the user saved', async () => {
    const { t, bad } = await tangled();
    const layout = JSON.stringify(JSON.parse(t.read('a.json')), null, 7);
    t.write('a.json', layout);
    const command = [process.execPath, '-e', 'process.exit(require("fs").existsSync("b.json") ? 1 : 0)'];
    const out = await bisectRun.run(t.ctx, { command, within: true, rev: bad });
    expect(out.within).toMatchObject({
      kind: 'minimal',
      edits: [{ file: 'b.json', text: 'the file as a whole: added' }],
    });
    expect((await t.ctx.repo.head()).branch).toBe('refs/heads/main');
    expect(t.read('a.json').replace(/\s/g, '').length).toBe(layout.replace(/\s/g, '').length);
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    expect((await status.run(t.ctx, {})).inProgress).toEqual([]);
  });

  it('says so when the commit passes, or its parent fails as well', async () => {
    const { t, oids, bad } = await tangled();
    const run = async (expression: string) =>
      (await bisectRun.run(t.ctx, { command: judge(expression), within: true, rev: bad, file: 'a.json' })).within;
    expect(await run('0')).toMatchObject({ kind: 'not-bad', verdict: 'good', edits: [] });
    expect(await run('125')).toMatchObject({ kind: 'not-bad', verdict: 'unresolved' });
    expect(await run('1')).toMatchObject({ kind: 'bad-before', edits: [] });
    await failure('BISECT_ROOT', bisectRun.run(t.ctx, { command: ['true'], within: true, rev: oids[0]! }));
    for (const command of [judge('255'), ['no-such-program-here']])
      await failure('BISECT_COMMAND', bisectRun.run(t.ctx, { command, within: true, rev: bad }));
    await failure('USAGE', bisectRun.run(t.ctx, { command: ['true'], rev: bad }));
    await failure('USAGE', bisectRun.run(t.ctx, { command: [], within: true, rev: bad }));
    expect(existsSync(join(t.ctx.repo.cwfDir, 'bisect.json'))).toBe(false);
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
  });

  it('reset puts back what a killed run left in the files, and keeps what the user wrote since', async () => {
    const { t, oids } = await chain(3);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const path = join(t.ctx.repo.cwfDir, 'bisect.json');
    const clean = t.read('a.json');
    const oid = t.git('hash-object', '-w', 'a.json').trim();
    const left = (): void => {
      t.write('a.json', apiWith('3', 'steps', 99));
      const state = JSON.parse(readFileSync(path, 'utf8'));
      const after = t.git('hash-object', 'a.json').trim();
      writeFileSync(path, JSON.stringify({ ...state, scratch: { 'a.json': { before: oid, after } } }));
    };
    left();
    await bisectReset.run(t.ctx, {});
    expect(t.git('status', '--porcelain')).toBe('');
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    left();
    t.write('a.json', apiWith('3', 'steps', 98));
    await failure('UNCOMMITTED_CHANGES', bisectReset.run(t.ctx, {}));
    t.write('a.json', clean);
    await bisectReset.run(t.ctx, {});
  });
});

describe('beside git bisect', () => {
  it('chooses a commit that halves the suspects as well as the one of git rev-list --bisect', async () => {
    for (const history of fc.sample(histories(40), { numRuns: 8, seed: 5 })) {
      const t = await tempRepo();
      const oids = importHistory(t, history);
      const commits = history.map((parents, n) => ({ oid: oids[n]!, parents: parents.map((parent) => oids[parent]!) }));
      for (const good of [0, history.length >> 2, history.length >> 1]) {
        const range = [oids.at(-1)!, `^${oids[good]!}`];
        const all = Number(t.git('rev-list', '--count', ...range));
        if (all < 2) continue;
        const worst = (oid: string): number => {
          const weight = Number(t.git('rev-list', '--count', oid, `^${oids[good]!}`));
          return Math.max(weight, all - weight);
        };
        const step = nextStep(commits, oids.at(-1)!, [oids[good]!], new Set());
        const theirs = t.git('rev-list', '--bisect', ...range).trim();
        expect(worst((step as { oid: string }).oid)).toBeLessThanOrEqual(worst(theirs));
      }
    }
  });

  it('finds the same commit in as many tests, one more or less', async () => {
    let total = 0;
    for (const [round, history] of fc.sample(histories(24), { numRuns: 6, seed: 11 }).entries()) {
      const t = await tempRepo();
      const oids = importHistory(t, history);
      const culprit = (round * 7) % history.length;
      const bad = oids.filter((_, n) => contained(history, n).has(culprit));
      const good = history.findIndex((_, n) => !contained(history, n).has(culprit));
      if (good < 0) continue;
      t.write('bad.txt', bad.join('\n'));
      const script = `process.exit(require('fs').readFileSync('bad.txt', 'utf8').includes(require('child_process').execSync('git rev-parse HEAD').toString().trim()) ? 1 : 0)`;
      t.write('judge.cjs', script);
      t.git('bisect', 'start', oids.at(-1)!, oids[good]!);
      const said = t.git('bisect', 'run', process.execPath, 'judge.cjs');
      const theirs = t
        .git('bisect', 'log')
        .split('\n')
        .filter((line) => /^git bisect (good|bad)/.test(line)).length;
      t.git('bisect', 'reset');
      await bisectStart.run(t.ctx, { bad: oids.at(-1)!, good: [oids[good]!] });
      const ours = await bisectRun.run(t.ctx, { command: [process.execPath, 'judge.cjs'] });
      expect(said).toContain(`${ours.result.commit!.oid} is the first bad commit`);
      // Where two suspects are as good, each takes its own: one history may go one way or the other, the sum may not.
      total += ours.tests.length - theirs;
      expect(Math.abs(ours.tests.length - theirs)).toBeLessThanOrEqual(2);
      await bisectReset.run(t.ctx, {});
    }
    expect(Math.abs(total)).toBeLessThanOrEqual(1);
  });
});

function importHistory(t: Temp, history: readonly (readonly number[])[]): string[] {
  const out: string[] = [];
  for (const [n, parents] of history.entries()) {
    const body = JSON.stringify(apiWith('3', 'steps', n));
    out.push(
      `commit refs/heads/c${n}`,
      `mark :${n + 1}`,
      `committer A <a@example.org> ${1_700_000_000 + n * 60} +0000`,
    );
    out.push(`data ${String(n).length}`, String(n));
    for (const [i, parent] of parents.entries()) out.push(`${i === 0 ? 'from' : 'merge'} :${parent + 1}`);
    out.push('M 100644 inline a.json', `data ${Buffer.byteLength(body)}`, body, '');
  }
  out.push('reset refs/heads/main', `from :${history.length}`, '');
  const marks = join(t.ctx.repo.cwfDir, 'marks.txt');
  execFileSync('git', ['fast-import', '--quiet', '--force', `--export-marks=${marks}`], {
    cwd: t.dir,
    input: out.join('\n'),
  });
  t.git('reset', '--hard', '-q', 'main');
  const lines = readFileSync(marks, 'utf8').trim().split('\n');
  const byMark = new Map(lines.map((line) => line.split(' ') as [string, string]));
  return history.map((_, n) => byMark.get(`:${n + 1}`)!);
}
