import { describe, expect, test } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { dryRun } from '../../src/porcelain/dry-run.ts';
import { opLog } from '../../src/porcelain/op.ts';
import { repair } from '../../src/porcelain/repair.ts';
import { status } from '../../src/porcelain/status.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { portrait } from '../core/validate/fixes/prompts.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

/** A portrait with a fault for the link agent and one for the parameter agent. */
function broken() {
  const prompt = portrait();
  prompt['5']!.inputs.steps = 'abc';
  prompt['6']!.inputs.vae = ['1', 9];
  return prompt;
}

async function committed(): Promise<Temp> {
  const t = await tempRepo({ 'a.json': broken(), 'b.json': portrait() });
  await commit.run(t.ctx, { message: 'start' });
  return t;
}

function trailers(t: Temp, range: string, key: string): string[] {
  const out = t.git('log', '--reverse', `--format=%(trailers:key=${key},valueonly)`, range);
  return out.split('\n').filter((line) => line !== '');
}

describe('cwf repair', () => {
  test('[RA-20] a commit by its agent for each accepted proposal, on a branch; branch and file stay', async () => {
    const t = await committed();
    const before = t.read('a.json');
    const steps: { readonly step: string }[] = [];
    const out = await repair.run(t.ctx, { file: 'a.json', report: (step) => void steps.push(step) });
    expect(out.branch).toBe('repair/a');
    expect(out.before.errors).toBe(2);
    expect(out.after.errors).toBe(0);
    expect(trailers(t, 'main..repair/a', 'Cwf-Actor').sort()).toEqual(['agent/link', 'agent/parameter']);
    expect(trailers(t, 'main..repair/a', 'Cwf-Op')).toEqual(['repair', 'repair']);
    expect(t.git('log', '-1', '--format=%b', 'repair/a')).toContain('Errors 1 -> 0');
    const fixed = JSON.parse(t.git('show', 'repair/a:a.json'));
    expect([fixed['5'].inputs.steps, fixed['6'].inputs.vae]).toEqual([20, ['1', 2]]);
    expect(t.read('a.json')).toBe(before);
    expect(t.git('symbolic-ref', 'HEAD').trim()).toBe('refs/heads/main');
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    expect(t.git('status', '--porcelain')).toBe('');
    expect(t.git('fsck', '--strict')).toBe('');
    expect(steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['validate', 'analyse', 'hand-off', 'patch']));
    expect(out.checkpoint?.oid).toBe(t.git('rev-parse', 'main').trim());
  });

  test('[RA-21] one operation for the whole run: undo takes it back', async () => {
    const t = await committed();
    const count = async () => (await opLog.run(t.ctx, {})).operations.length;
    const before = await count();
    await repair.run(t.ctx, { file: 'a.json' });
    expect(await count()).toBe(before + 1);
    await undo.run(t.ctx, {});
    expect(t.git('branch', '--list', 'repair/*')).toBe('');
  });

  test('[RA-22] what nobody has committed yet is the first commit, and the checkpoint', async () => {
    const t = await committed();
    const prompt = broken();
    prompt['5']!.inputs.cfg = 3;
    t.write('a.json', prompt);
    const out = await repair.run(t.ctx, { file: 'a.json' });
    expect(trailers(t, 'main..repair/a', 'Cwf-Actor')[0]).toBe('person');
    expect(JSON.parse(t.git('show', `${out.checkpoint!.oid}:a.json`))['5'].inputs).toMatchObject({
      cfg: 3,
      steps: 'abc',
    });
    expect(JSON.parse(t.git('show', 'repair/a:a.json'))['5'].inputs).toMatchObject({ cfg: 3, steps: 20 });
  });

  test('--switch goes to the branch and writes the file', async () => {
    const t = await committed();
    await repair.run(t.ctx, { file: 'a.json', branch: 'mended', isSwitch: true });
    expect(t.git('symbolic-ref', 'HEAD').trim()).toBe('refs/heads/mended');
    expect(JSON.parse(t.read('a.json'))['5'].inputs.steps).toBe(20);
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    await undo.run(t.ctx, {});
    expect(t.git('symbolic-ref', 'HEAD').trim()).toBe('refs/heads/main');
    expect(JSON.parse(t.read('a.json'))['5'].inputs.steps).toBe('abc');
  });

  test('[RA-23] nothing to repair, and a dry run: no branch, no operation', async () => {
    const t = await committed();
    const clean = await repair.run(t.ctx, { file: 'b.json' });
    expect([clean.accepted, clean.branch, clean.commits]).toEqual([[], undefined, undefined]);
    const dry = await repair.run(dryRun(t.ctx), { file: 'a.json', dryRun: true });
    expect(dry.accepted).toHaveLength(2);
    expect(dry.branch).toBe('repair/a');
    expect(t.git('branch', '--list', 'repair/*')).toBe('');
  });

  test('a second repair takes the next name; one that is asked for must be new', async () => {
    const t = await committed();
    await repair.run(t.ctx, { file: 'a.json' });
    expect((await repair.run(t.ctx, { file: 'a.json' })).branch).toBe('repair/a-2');
    await failure('REF_EXISTS', repair.run(t.ctx, { file: 'a.json', branch: 'main' }));
    await failure('FILE_NOT_FOUND', repair.run(t.ctx, { file: 'nope.json' }));
  });

  test('a damaged file that cannot be committed as it is, in a repository without commits', async () => {
    const prompt = portrait() as unknown as Record<string, Record<string, unknown>>;
    prompt['5']!.class_type = null;
    prompt['4']!.inputs = 'x';
    const t = await tempRepo({ 'odd name!.json': prompt });
    const out = await repair.run(t.ctx, { file: 'odd name!.json' });
    expect(out.mended.map(({ code }) => code)).toEqual(['NODE_MALFORMED']);
    expect(out.after.errors).toBe(0);
    expect(out.branch).toBe('repair/odd-name');
    const fixed = JSON.parse(t.git('show', 'repair/odd-name:odd name!.json'));
    expect(fixed['5'].class_type).toBe('KSampler');
    expect(fixed['4'].inputs).toEqual({ width: 512, height: 512, batch_size: 1 });
  });

  test('a key in a file that nobody committed is not committed unasked', async () => {
    const t = await committed();
    const prompt = broken();
    prompt['2']!.inputs.text = `key sk-${'a1B2c3D4'.repeat(6)}`;
    t.write('a.json', prompt);
    await failure('SECRET_FOUND', repair.run(t.ctx, { file: 'a.json' }));
    expect((await repair.run(t.ctx, { file: 'a.json', allowSecrets: true })).branch).toBe('repair/a');
  });
});
