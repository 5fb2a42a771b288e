import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, text } from '../porcelain/samples.ts';
import { cwf, inTemp } from './cwf.ts';

/** Runs commands in one repository with one committed workflow; `run` fails the test on another exit code than 0. */
async function session(use: (run: (...args: string[]) => string, dir: string) => void): Promise<void> {
  await inTemp((dir) => {
    const run = (...args: string[]): string => {
      const { code, stdout, stderr } = cwf(dir, args);
      if (code !== 0) throw new Error(`cwf ${args.join(' ')} exited with ${code}: ${stderr}${stdout}`);
      return stdout;
    };
    run('init');
    writeFileSync(join(dir, 'portrait.json'), text(apiGraph()));
    run('commit', '-m', 'as downloaded');
    use(run, dir);
  });
}

const steps = (dir: string): number => JSON.parse(readFileSync(join(dir, 'portrait.json'), 'utf8'))[3].inputs.steps;

describe('branches on the command line', () => {
  it('switch, merge, conflict with exit code 4, revert, cherry-pick', async () => {
    await session((run, dir) => {
      expect(run('switch', '-c', 'trial/soft')).toBe('On new branch trial/soft\n');
      run('set', 'portrait.json', '3.steps', '30');
      run('switch', 'main');
      run('set', 'portrait.json', '3.cfg', '5');
      expect(run('merge', 'trial/soft', '--dry-run')).toContain('(not written)');
      expect(run('merge', 'trial/soft')).toMatch(/^Merged as [0-9a-f]{8} on main\n {2}~ portrait.json {2}1 edit\n/);
      expect(run('merge', 'trial/soft')).toContain('Already up to date');
      run('switch', '-c', 'clash', 'HEAD~1');
      run('set', 'portrait.json', '3.steps', '25');
      const conflict = cwf(dir, ['merge', 'main']);
      expect([conflict.code, steps(dir)]).toEqual([4, 25]);
      expect(conflict.stdout).toContain('KSampler "portrait" (3): steps: base 20, ours 25, theirs 30');
      expect(conflict.stderr).toContain('cwf resolve');
      const data = cwf(dir, ['merge', 'main', '--json']);
      expect([data.code, JSON.parse(data.stdout).conflicts[0].path]).toEqual([4, '/nodes/3/widgets/steps']);
      run('merge', 'main', '-X', 'theirs');
      expect(steps(dir)).toBe(30);
      run('switch', 'main');
      const revert = run('revert', 'trial/soft', '--reason', 'too slow');
      expect(revert).toMatch(/^[0-9a-f]{8} reverts [0-9a-f]{8} KSampler/);
      expect(steps(dir)).toBe(20);
      expect(run('cherry-pick', 'trial/soft')).toMatch(/^[0-9a-f]{8} picks [0-9a-f]{8} /);
      expect(steps(dir)).toBe(30);
      for (const args of [['merge'], ['revert'], ['merge', 'main', '--no-ff', '--ff-only'], ['tag', '-a', 'x']])
        expect(cwf(dir, args).code, args.join(' ')).toBe(2);
    });
  });

  it('branch and tag list, make, rename and delete; a dry run changes nothing', async () => {
    await session((run) => {
      run('branch', 'old');
      expect(run('branch', '-m', 'old', 'older')).toMatch(/^\* main {3}[0-9a-f]{8} {2}as downloaded\n {2}older {2}/);
      run('branch', '-d', 'older', '--dry-run');
      expect(run('branch', '--porcelain').split('\n').length).toBe(3);
      run('branch', '-d', 'older');
      run('branch', '-m', 'trunk');
      expect(JSON.parse(run('branch', '--json')).branches).toMatchObject([{ name: 'trunk', current: true }]);
      run('tag', 'v1');
      expect(run('tag', '-a', 'final', '-m', 'sent to print')).toMatch(/^final {2}[0-9a-f]{8}\nv1 {5}[0-9a-f]{8}\n$/);
      run('tag', '-d', 'v1');
      expect(run('tag', '-l', '--porcelain')).toMatch(/^[0-9a-f]{40}\tfinal\n$/);
    });
  });

  it('restore, undo, redo, blame, the operation log and fsck', async () => {
    await session((run, dir) => {
      run('protect', '--remove', '@default');
      run('set', 'portrait.json', '3.steps', '30', '--actor', 'agent:tuner');
      expect(run('restore', 'portrait.json', '-s', 'HEAD~1', '--input', '3.steps')).toContain('steps 30 -> 20');
      expect(run('undo')).toContain('restore');
      expect(steps(dir)).toBe(30);
      expect(run('undo', '--dry-run')).toContain('Would take back');
      run('undo');
      expect(steps(dir)).toBe(20);
      expect(run('redo')).toContain('set by agent/tuner');
      expect(steps(dir)).toBe(30);
      expect(run('blame', 'portrait.json', '--input', '3.steps')).toMatch(
        /^KSampler "portrait" \(3\)\n {2}steps +30 +[0-9a-f]{8} \d{4}-\d\d-\d\d agent\/tuner +KSampler/,
      );
      expect(run('blame', 'portrait.json', '--porcelain')).toMatch(/^[0-9a-f]{40}\t\/nodes\/3\tKSampler\n/);
      const [first] = JSON.parse(run('op', 'log', '--json')).operations;
      expect([first.command, first.undone]).toEqual(['redo', false]);
      expect(run('op', 'show', first.id)).toContain('refs/heads/main');
      expect(run('op', 'log', '-n', '4')).toContain('(undone)');
      run('op', 'restore', JSON.parse(run('op', 'log', '--json')).operations.at(-1).id);
      expect(steps(dir)).toBe(20);
      expect(cwf(dir, ['op', 'show', 'ffff']).code).toBe(5);
      expect(run('fsck')).toMatch(/^1 commit, 1 patch replayed: sound\n$/);
      writeFileSync(join(dir, '.git/refs/heads/broken'), 'garbage\n');
      expect(cwf(dir, ['fsck']).code).toBe(9);
    });
  });

  it('bisect by hand, by a command, and inside a commit', async () => {
    await session((run, dir) => {
      for (const n of ['21', '22', '23', '24']) run('set', 'portrait.json', '3.steps', n);
      run('set', 'portrait.json', '3.steps', '60', '3.cfg', '4', '5.width', '640');
      run('set', 'portrait.json', '3.seed', '1');
      expect(run('bisect', 'start')).toBe('Waiting for a bad and a good commit\n');
      expect(run('bisect', 'bad')).toBe('Waiting for a good commit\n');
      expect(run('bisect', 'good', 'HEAD~6', '--dry-run')).toContain('Test ');
      expect(run('bisect', 'next')).toBe('Waiting for a good commit\n');
      expect(run('bisect', 'good', 'HEAD~6')).toMatch(/^Test [0-9a-f]{8} .*steps 22 -> 23.*\nthen: cwf bisect good/);
      expect(run('status')).toContain('bisect');
      const judge = `process.exit(JSON.parse(require('fs').readFileSync(process.env.CWF_FILE))[3].inputs.steps > 50 ? 1 : 0)`;
      const out = cwf(dir, ['bisect', 'run', '--within', '--', process.execPath, '-e', judge]);
      expect(out.code).toBe(0);
      expect(out.stdout).toMatch(/^First bad commit: [0-9a-f]{8} KSampler/);
      expect(out.stdout).toContain(
        '1 of 3 edits makes it bad:\n  portrait.json  KSampler "portrait" (3): steps 24 -> 60',
      );
      expect(out.stderr).toContain('good  ');
      expect(run('bisect', 'log').split('\n').length).toBeGreaterThan(4);
      expect(run('bisect', 'reset')).toMatch(/^Back on main, /);
      expect(cwf(dir, ['bisect', 'good']).code).toBe(1);
      const one = run('bisect', 'run', '--within', 'HEAD~1', '--json', '--', process.execPath, '-e', judge);
      expect(JSON.parse(one)).toMatchObject({ schema: 'cwf.bisect-run/1', within: { kind: 'minimal', of: 3 } });
      expect(run('status')).toMatch(/^On main/);
    });
  });
});
