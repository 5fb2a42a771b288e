import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { victim } from '../hostile/victim.ts';
import { picture } from '../io/outputs/samples.ts';
import { cleanEnv, ensureBuilt, ROOT } from './cwf.ts';

/** Makes an output older than garbage collection's patience. */
function age(dir: string, id: string): void {
  utimesSync(join(dir, '.git/cwf/outputs', id.slice(0, 2), id), 1e9, 1e9);
}

describe('cwf output', () => {
  it('keeps, lists, exports, verifies and drops', async () => {
    const bytes = await picture(500, 250);
    const id = sha256(bytes);
    await victim((it) => {
      it.write('a.png', bytes);
      it.write('b.bin', 'b');
      expect(it.done('output', 'add', 'a.png', '--on', 'HEAD')).toContain(
        `sha256:${id.slice(0, 12)}  image/png  500x250`,
      );
      it.done('output', 'add', 'b.bin');
      const [first] = it.done('output', 'ls', '--porcelain').split('\n');
      expect(first!.split('\t')).toEqual([
        id,
        String(bytes.length),
        'image/png',
        '500',
        '250',
        '1',
        it.git('rev-parse', 'HEAD'),
      ]);
      expect(JSON.parse(it.done('output', 'ls', 'HEAD', '--json'))).toMatchObject({
        schema: 'cwf.output.ls/1',
        outputs: [{ id, width: 500 }],
        missing: [],
      });
      const word = `sha256:${id.slice(0, 8)}`;
      expect(it.done('output', 'export', word, '.')).toBe(`${id.slice(0, 16)}.png\n`);
      expect(readFileSync(join(it.dir, `${id.slice(0, 16)}.png`)).equals(bytes)).toBe(true);
      it.refused(['output', 'export', word, 'a.png'], 4, ['a.png: exists already', 'another name']);
      expect(it.done('output', 'verify')).toBe('2 outputs: whole\n');
      it.refused(['output', 'gc', '--max-gb', '0'], 2, ['no number above 0']);
      for (const each of [id, sha256('b')]) age(it.dir, each);
      it.refused(['output', 'gc', '--keep', 'noted'], 2, ['Drop 1 output, 1 B, for ever?', '--yes']);
      expect(it.done('output', 'gc', '--keep', 'noted', '--dry-run')).toContain(
        `would drop sha256:${sha256('b').slice(0, 12)}`,
      );
      expect(it.done('output', 'gc', '--keep', 'noted', '--yes')).toContain('1 output kept');
      expect(it.done('output', 'gc', '--keep', 'noted')).toContain('1 output kept');
      it.write(`.git/cwf/outputs/${id.slice(0, 2)}/${id}.json`, 'torn');
      expect(it.done('output', 'ls')).toContain('500x250');
    });
  });

  it('says which one is damaged, with exit code 9', () =>
    victim((it) => {
      it.write('a.bin', 'whole');
      it.done('output', 'add', 'a.bin', '--on', 'HEAD');
      const id = sha256('whole');
      const path = `.git/cwf/outputs/${id.slice(0, 2)}/${id}`;
      chmodSync(join(it.dir, path), 0o644);
      it.write(path, 'who');
      const { code, stdout } = it.run(['output', 'verify']);
      expect(code).toBe(9);
      expect(stdout).toContain(`sha256:${id.slice(0, 12)}: its 3 bytes have another hash, noted on`);
      it.refused(['output', 'export', id, 'x.bin'], 9, ['is damaged', 'cwf output add']);
      expect(existsSync(join(it.dir, 'x.bin'))).toBe(false);
    }));

  it('[OU-2] several processes that keep one file at once keep it once', () => {
    ensureBuilt();
    return victim(async (it) => {
      it.write('a.bin', Buffer.alloc(4 << 20, 7));
      const codes = await Promise.all(
        Array.from(
          { length: 4 },
          () =>
            new Promise<number | null>((resolve) => {
              const args = [join(ROOT, 'bin/cwf.cjs'), 'output', 'add', 'a.bin', '--on', 'HEAD'];
              spawn(process.execPath, args, { cwd: it.dir, env: cleanEnv(), stdio: 'ignore' }).on('exit', resolve);
            }),
        ),
      );
      expect(codes).toEqual([0, 0, 0, 0]);
      expect(it.done('output', 'verify')).toBe('1 output: whole\n');
      expect(readdirSync(join(it.dir, '.git/cwf/tmp')).filter((name) => name.startsWith('output_'))).toEqual([]);
    });
  });
});
