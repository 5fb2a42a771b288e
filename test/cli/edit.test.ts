import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, text } from '../porcelain/samples.ts';
import { cwf, inTemp } from './cwf.ts';

/** A repository with `a.json` committed; `run` gives exit code, stdout and stderr. */
function repo(use: (run: (...words: string[]) => ReturnType<typeof cwf>, dir: string) => void): Promise<void> {
  return inTemp((dir) => {
    writeFileSync(join(dir, 'a.json'), text(apiGraph()));
    const run = (...words: string[]) => cwf(dir, words);
    for (const words of [['init'], ['commit', '-m', 'start']]) expect(run(...words).code).toBe(0);
    use(run, dir);
  });
}

describe('cwf edit', () => {
  it('says what it did, what is left to do and what is wrong now', () =>
    repo((run) => {
      const lora = run('edit', 'a.json', 'insert-lora', 'x.safetensors', '--strength', '-0.5');
      expect(lora.stderr).toBe('the LoRA is node 10, between node 4 and node 3\n');
      expect(lora.stdout.split('\n')).toEqual([
        expect.stringMatching(/^[0-9a-f]{8} on main {2}Add LoraLoader \(10\) and 3 more edits$/),
        '  ~ a.json  4 edits',
        '    + LoraLoader (10)',
        expect.stringContaining('KSampler "portrait" (3): model: CheckpointLoaderSimple (4).0 -> LoraLoader (10).0'),
        expect.stringContaining('CLIPTextEncode (6): clip'),
        expect.stringContaining('CLIPTextEncode (7): clip'),
        '',
      ]);
      const cut = run('edit', 'a.json', 'disconnect', '3.model', '--dry-run');
      expect(cut.stdout).toMatch(/^would commit on main /);
      expect(cut.stderr).toMatch(
        /^node 3 \(KSampler\) still needs: model\nwarning: this is an error now: KSampler \(3\) model: .*\[INPUT_MISSING\]\n$/,
      );
      const added = run(
        'edit',
        'a.json',
        'add-node',
        'VAEDecode',
        '--link',
        'samples=3',
        '--link',
        'vae=4.VAE',
        '--title',
        'again',
        '-m',
        'Decode',
        '--porcelain',
      );
      expect(added.stdout).toMatch(/^[0-9a-f]{40}\n$/);
      expect(run('log', '-n', '1').stdout).toMatch(/Decode\n.*edit/);
      expect(run('undo').code).toBe(0);
      expect(run('edit', 'a.json', 'remove', 'again').code).toBe(5);
    }));

  it('takes transforms from a file and from stdin, and answers in JSON [TE-41]', () =>
    repo((run, dir) => {
      const lines =
        '{"op": "set", "args": {"input": "3.steps", "value": 33}}\n{"op": "remove", "args": {"node": "5"}}\n';
      writeFileSync(join(dir, 'ops.jsonl'), lines);
      const dry = run('edit', 'a.json', '--ops', 'ops.jsonl', '--dry-run', '--json');
      const { schema, oid, file, edits, brought, notes } = JSON.parse(dry.stdout);
      expect([schema, oid, file.graph]).toEqual(['cwf.edit/1', undefined, 3]);
      expect(edits.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
        'disconnect',
        'remove-node',
        'set-input',
      ]);
      expect(brought.map(({ code, text: line }: { code: string; text: string }) => [code, line])).toEqual([
        ['INPUT_MISSING', expect.stringMatching(/^KSampler \(3\) latent_image: /)],
      ]);
      expect(notes).toEqual(['node 3 (KSampler) still needs: latent_image']);
      const done = cwf(dir, ['edit', 'a.json', '--ops', '-'], {}, lines);
      expect([done.code, JSON.parse(readFileSync(join(dir, 'a.json'), 'utf8'))['3'].inputs.steps]).toEqual([0, 33]);
      writeFileSync(join(dir, 'ops.jsonl'), lines.replace('"5"', '"7"').concat('{"op": "frob"}\n'));
      const wrong = run('edit', 'a.json', '--ops', 'ops.jsonl', '--json');
      expect([wrong.code, JSON.parse(wrong.stdout).error]).toEqual([
        3,
        expect.objectContaining({
          code: 'TRANSFORM_FAILED',
          details: expect.objectContaining({ index: 3, transform: 'frob' }),
        }),
      ]);
    }));

  it('needs no repository with --out [TE-44]', () =>
    inTemp((dir) => {
      writeFileSync(join(dir, 'a.json'), text(apiGraph()));
      const none = cwf(dir, ['edit', 'a.json', 'set', '3.steps', '5']);
      expect([none.code, none.stderr]).toEqual([5, expect.stringContaining('Without one give --out <file>')]);
      const out = cwf(dir, ['edit', 'a.json', 'set', '3.steps', '5', '--out', '-']);
      expect(JSON.parse(out.stdout)['3'].inputs.steps).toBe(5);
      const file = cwf(dir, ['edit', 'a.json', 'set', '3.steps', '5', '-o', 'b.json']);
      expect(file.stdout).toBe('  ~ a.json  1 edit\n    KSampler "portrait" (3): steps 20 -> 5\n');
      expect(readFileSync(join(dir, 'b.json'), 'utf8')).toBe(out.stdout);
      expect(cwf(dir, ['edit', 'a.json', 'set', '3.steps', '5', '-o', '-', '--json']).code).toBe(2);
      expect(cwf(dir, ['edit', 'a.json', 'set', '3.steps', '5', '-o', 'c.json', '-m', 'x']).code).toBe(2);
    }));

  it('help and completion know the transforms', () =>
    inTemp((dir) => {
      expect(cwf(dir, ['help', 'edit']).stdout).toMatch(/TRANSFORMS\n {2}add-node <class> --set[^\n]*\n {4}Add a node/);
      expect(cwf(dir, ['__complete', '--', 'edit', 'a.json', 'insert-']).stdout).toBe(
        'insert-controlnet\ninsert-lora\ninsert-upscale\n',
      );
      expect(cwf(dir, ['__complete', '--', 'edit', 'a.json', 'remove', '--no-r']).stdout).toBe('--no-rewire\n');
    }));
});

describe('cwf connect', () => {
  it('shows links with how sure and why, and makes those that are sure [TE-22]', () =>
    repo((run) => {
      run('edit', 'a.json', 'disconnect', '3.model');
      run('edit', 'a.json', 'disconnect', '8.vae');
      const plan = run('connect', '--plan', 'a.json');
      expect(plan.stdout).toMatch(/^0\.\d\d {2}.*: \w+ <- CheckpointLoaderSimple \(4\) \w+\n {6}it /);
      expect(plan.stdout.trimEnd().split('\n')).toHaveLength(4);
      const { schema, proposals } = JSON.parse(run('connect', '--plan', 'a.json', '--json').stdout);
      expect([schema, proposals.length]).toEqual(['cwf.connect-plan/1', 2]);
      expect(run('connect', '--plan', 'a.json', '--min-confidence', '1').stderr).toBe('2 links below 1\n');
      const done = run('connect', 'a.json', '--apply', String(proposals[1].confidence), '--plan');
      expect(done.stdout).toMatch(
        /^[0-9a-f]{8} on main .*\n {2}~ a\.json {2}2 edits\n.*\n.*\n\+ 0\.\d\d .*\n {8}it .*\n\+ 0/,
      );
      expect(run('connect', '--plan', 'a.json').stderr).toBe('nothing fits an open input\n');
      expect(run('validate', 'a.json').stdout).toBe('a.json: ok\n');
    }));
});
