import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { png, text as pngText } from '../io/media/images.ts';
import { apiGraph, apiWith, text } from '../porcelain/samples.ts';
import { cwf, inTemp } from './cwf.ts';

/** Runs commands in one repository; fails the test on an exit code other than 0. */
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

describe('the command line on a real folder', () => {
  it('tells the whole story from init to show', async () => {
    await session((run, dir) => {
      expect(run('status')).toMatch(/^On main, [0-9a-f]{8}\nNothing to commit, 1 workflow here\n$/);
      run('protect', '--remove', '@default');
      expect(
        run('set', 'portrait.json', '3.steps', '30', '--actor', 'agent:tuner', '--reason', 'smoother skin'),
      ).toMatch(
        /^[0-9a-f]{8} on main {2}KSampler .*steps.*20 -> 30\n {2}~ portrait\.json {2}1 edit\n {4}KSampler "portrait" \(3\).*20 -> 30\n$/,
      );
      writeFileSync(join(dir, 'portrait.json'), text(apiWith('3', 'cfg', 7.5)));
      expect(run('status')).toMatch(/~ portrait\.json {2}2 edits\n(.*\n)*.*steps 30 -> 20\n/);
      expect(run('diff', '--stat')).toBe('  ~ portrait.json  2 edits\n');
      expect(cwf(dir, ['diff', '--exit-code']).code).toBe(1);
      expect(JSON.parse(run('diff', '--patch')).file).toBe('portrait.json');
      run('commit', '-m', 'back');
      expect(cwf(dir, ['diff', '--exit-code'])).toEqual({ code: 0, stdout: '', stderr: '' });
      run('note', 'add', '--metric', 'sharpness=812.4', 'HEAD~1');
      expect(run('log', '--oneline', '--metric', 'sharpness').split('\n').length).toBe(5);
      expect(run('log', '--actor', 'agent', '--porcelain')).toMatch(
        /^[0-9a-f]{40}\t[0-9a-f]{40}\t\d+\tAda\tagent\/tuner\tset\tKSampler/,
      );
      expect(
        run('log', '--jsonl')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).schema),
      ).toEqual(['cwf.log/1', 'cwf.log/1', 'cwf.log/1']);
      const shown = run('show', 'HEAD~1');
      expect(shown).toContain('made with cwf set by agent/tuner');
      expect(shown).toContain('    smoother skin\n');
      expect(shown).toContain('    sharpness = 812.4  person, ');
      expect(run('show', 'HEAD~1:portrait.json')).toContain('"steps": 30');
      expect(run('note', 'list')).toContain('sharpness = 812.4');
    });
  });

  it('speaks JSON with a schema, and the exit codes of the table', async () => {
    await session((run, dir) => {
      for (const verb of ['status', 'diff', 'log', 'show'])
        expect(JSON.parse(run(verb, '--json')).schema).toBe(`cwf.${verb}/1`);
      const code = (...args: string[]): unknown[] => {
        const result = cwf(dir, [...args, '--json']);
        return [result.code, JSON.parse(result.stdout).error.code];
      };
      expect(code('commit')).toEqual([1, 'NOTHING_TO_COMMIT']);
      expect(code('set', 'portrait.json', '3.nope', '1')).toEqual([5, 'INPUT_NOT_FOUND']);
      expect(code('set', 'portrait.json', '3.model', '1')).toEqual([3, 'INPUT_LINKED']);
      expect(code('set', '../x.json', '3.steps', '1')).toEqual([3, 'PATH_OUTSIDE']);
      expect(code('log', 'nope')).toEqual([5, 'REV_NOT_FOUND']);
      expect(code('note', 'add', '--metric', 'x=1e999')).toEqual([2, 'NOTE_INVALID']);
      writeFileSync(join(dir, 'portrait.json'), text(apiWith('3', 'cfg', 1)));
      expect(code('set', 'portrait.json', '3.steps', '1')).toEqual([4, 'UNCOMMITTED_CHANGES']);
      mkdirSync(join(dir, 'elsewhere'));
      expect(cwf(dir, ['set', 'portrait.json', '3.steps']).code).toBe(2);
    });
  });

  it('[C3-30] [C3-32] shows nothing a terminal would obey, and titles of a megabyte in short', async () => {
    await session((run, dir) => {
      const graph = apiWith('6', 'text', 'evil \u001b[2J\u202e\r\n'.repeat(20));
      graph['3']!['_meta'] = { title: `\u001b]0;x\u0007${'T'.repeat(1_000_000)}` };
      (graph['3']!['inputs'] as Record<string, number>)['steps'] = 30;
      writeFileSync(join(dir, 'portrait.json'), text(graph));
      const outputs = [
        run('status'),
        run('diff'),
        run('commit', '-m', 'a\u001b[31mred'),
        run('show'),
        run('log'),
        run('log', '--stat'),
      ];
      for (const out of outputs) {
        expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
        expect(out.length).toBeLessThan(20_000);
      }
      expect(JSON.parse(run('show', 'HEAD:portrait.json'))['6'].inputs.text).toContain('evil \u001b[2J\u202e\r\n');
    });
  });

  it('imports from an image and leaves out what is broken, loudly', async () => {
    await session((run, dir) => {
      writeFileSync(join(dir, 'out.png'), png(pngText('prompt', text(apiGraph()))));
      expect(run('import', 'out.png', '--as', 'new.json')).toMatch(
        /Import new\.json\n {2}\+ new\.json {2}new\n {2}the prompt in out\.png \(PNG\)\n$/,
      );
      writeFileSync(join(dir, 'bad.json'), '{');
      writeFileSync(join(dir, 'new.json'), text(apiWith('3', 'steps', 9)));
      const { code, stderr } = cwf(dir, ['commit', '-m', 'x']);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^left out: bad\.json:1:2: not valid JSON/)]);
      expect(readFileSync(join(dir, 'bad.json'), 'utf8')).toBe('{');
    });
  });

  it('starts inside of an existing repository and in none', async () => {
    await inTemp((dir) => {
      expect(cwf(dir, ['status'])).toMatchObject({ code: 5, stderr: expect.stringContaining('hint: ') });
      const out = cwf(dir, ['init', '--json']);
      expect(JSON.parse(out.stdout)).toMatchObject({
        schema: 'cwf.init/1',
        created: true,
        branch: 'refs/heads/main',
        uncommitted: 0,
      });
      expect(JSON.parse(cwf(dir, ['init', '--json']).stdout).created).toBe(false);
      expect(cwf(dir, ['init', 'no/such/folder']).code).toBe(5);
      expect(cwf(dir, ['log']).stdout).toBe('');
    });
  });
});
