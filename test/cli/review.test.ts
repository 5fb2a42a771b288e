import { describe, expect, it } from 'vitest';
import { type Victim, victim } from '../hostile/victim.ts';

const AGENT = ['--actor', 'agent/tuner'];

function propose(it: Victim, ...more: string[]): string {
  it.done('set', 'ok.json', '3.cfg', '6', '--propose', ...AGENT, ...more);
  return it.done('review', 'list', '--porcelain').split('\t')[0]!;
}

describe('cwf propose and cwf review', () => {
  it('show what an agent changed, and what was said of it', () =>
    victim((it) => {
      expect(it.done('protect', '--list')).toContain('Nothing is protected');
      expect(it.done('protect', '@default')).toMatch(
        /^@default \(main\) {2}agents need a proposal, merged by a person\n/,
      );
      it.refused(['set', 'ok.json', '3.cfg', '6', ...AGENT], 10, ['main is protected (rule @default)', '--propose']);
      expect(it.done('protect', 'main', '--require', 'approvals=1,checks=validate')).toContain(
        'main      agents need a proposal with 1 approval and checks validate',
      );
      const id = propose(it, '--reason', 'softer skin');
      it.done(
        'edit',
        'ok.json',
        'add-node',
        'LoadImage',
        '--set',
        'image=https://x.example/a.png',
        '--proposal',
        id,
        ...AGENT,
      );
      expect(it.done('review', 'list')).toMatch(
        new RegExp(`^${id}  agent/tuner  KSampler "portrait" \\(3\\): cfg 8 -> 6\n`),
      );
      const comment = it.done('review', 'comment', id, 'ok.json', '3.cfg', 'too low?', '--porcelain').trim();
      it.done('review', 'comment', id, '--reply', comment, '6.5 then', ...AGENT);
      const shown = it.done('review', 'show', id);
      expect(shown.split('\n')[0]).toBe(`proposal/${id} open  KSampler "portrait" (3): cfg 8 -> 6`);
      for (const line of [
        '  | softer skin',
        '2 commits',
        '  ! validate  1 new warning (required)',
        '      ok.json: LoadImage (10) https://x.example/a.png',
        '    KSampler "portrait" (3): cfg 8 -> 6',
        '    | too low?',
        '        | 6.5 then',
        'To be merged it needs: 0 of 1 approval',
      ])
        expect(shown.split('\n'), shown).toContain(line);
    }));

  it('are approved by people, merged as one commit, taken back, asked to change and rejected', () =>
    victim((it) => {
      it.done('protect', 'main', '--require', 'approvals=1');
      const id = propose(it);
      it.refused(['review', 'merge', id], 4, ['0 of 1 approval']);
      it.refused(['review', 'approve', id, ...AGENT], 10, ['agent/tuner may not approve a proposal']);
      expect(it.done('review', 'approve', id, '--dry-run')).toContain('would be approved');
      expect(it.done('review', 'approve', id, '-m', 'fine')).toContain(`proposal/${id} approved at`);
      expect(it.done('review', 'merge', id)).toContain('merged as');
      expect(it.read('ok.json')).toContain('"cfg": 6');
      expect(it.git('log', '-1', '--format=%s')).toBe(`Merge proposal/${id}: KSampler "portrait" (3): cfg 8 -> 6`);
      expect(JSON.parse(it.done('review', 'list', '--all', '--json'))).toMatchObject({
        schema: 'cwf.review.list/1',
        proposals: [{ id, state: 'merged' }],
      });
      it.done('undo');
      expect(it.read('ok.json')).toContain('"cfg": 8');
      expect(it.done('review', 'list')).toContain('approved by');
      expect(it.run(['review', 'request-changes', id, '-m', 'no']).code).toBe(0);
      it.refused(['review', 'merge', id], 4, ['asks for changes']);
      it.done('review', 'reject', id);
      expect(it.done('review', 'list')).toBe('No open proposal\n');
      it.git('fsck', '--strict');
    }));

  it('of a branch, of the working tree, with checks that fail', () =>
    victim((it) => {
      it.done('switch', '-c', 'agent/work');
      it.done('edit', 'ok.json', 'disconnect', '3.model', ...AGENT);
      expect(it.done('propose', '--dry-run')).toContain('Would propose as a new proposal into main');
      const id = it.done('propose', '--title', 'Take the model out', '--porcelain').trim();
      const checks = it.run(['review', 'checks', id]);
      expect(checks.code).toBe(3);
      expect(checks.stdout).toContain('✗ validate  1 new error');
      expect(it.run(['review', 'show', id]).code).toBe(3);
      expect(it.done('diff', `main...proposal/${id}`)).toContain('ok.json');
      it.done('switch', 'main');
      it.write('ok.json', it.read('ok.json').replace('"cfg": 8', '"cfg": 5'));
      expect(it.done('propose', '--from-working-tree')).toMatch(
        /^Proposed as proposal\/[0-9a-f]{8} into main {2}KSampler/,
      );
      expect(it.read('ok.json')).toContain('"cfg": 5');
    }));

  it('[RV-12] with a run before and after', () =>
    victim((it) => {
      const blue = {
        '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 255 } },
        '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
      };
      it.write('blue.json', JSON.stringify(blue));
      it.done('commit', 'blue.json');
      it.done('set', 'blue.json', '1.color', '65535', '--propose', ...AGENT);
      const id = it.done('review', 'list', '--porcelain').split('\t')[0]!;
      const checked = it.run(['review', 'checks', id, '--run'], { FORCE_COLOR: '0' });
      expect(checked.stdout).toContain('✓ run       runs on embedded, 1 of 1 outputs changed');
      expect(checked.stdout).toMatch(/blue.json: luma-mean +\d+\S* -> \d+\S* changed/);
      expect(checked.stderr).toContain('running blue.json as the proposal has it, on embedded');
      expect(checked.code).toBe(0);
      expect(it.done('review', 'show', id)).toContain('1 of 1 outputs changed');
    }));

  it('[RV-11] print what others wrote as text: no escape, no line of its own', () =>
    victim((it) => {
      const evil = 'ok\x1b[2J\r\nproposal/00000000 merged\u202e';
      it.write('ok.json', it.read('ok.json').replace('"portrait"', JSON.stringify(`p\u001b[31m\n`)));
      it.done('commit');
      const id = propose(it, '--reason', evil);
      it.done('review', 'comment', id, evil, ...AGENT);
      it.done('review', 'request-changes', id, '-m', evil, ...AGENT);
      for (const args of [['show', id], ['list'], ['reject', id], ['list', '--all', '--porcelain']]) {
        const { stdout, stderr } = it.run(['review', ...args], { FORCE_COLOR: '0' });
        expect(stdout + stderr).not.toMatch(/[\x1b\r\u202e]|^proposal\/00000000/m);
      }
    }));
});
