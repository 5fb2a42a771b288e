import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnv, cwf, ensureBuilt, inTemp } from '../cli/cwf.ts';
import { type Started, startWithin } from '../cli/engine-process.ts';
import { encoded, paint, random } from '../io/metrics/images.ts';
import { apiGraph, text } from '../porcelain/samples.ts';

/** A picture that nothing makes small, so that it does not fit where a JPEG of it does. */
function noise(seed: number) {
  const next = random(seed);
  const level = () => Math.floor(next() * 256);
  return paint(192, 192, () => [level(), level(), level()]);
}

describe('an output that does not fit on the disk', () => {
  const mount = join(tmpdir(), `cwf-full-output-${process.pid}`);
  let isMounted = false;
  beforeAll(() => {
    mkdirSync(mount, { recursive: true });
    isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1500k', 'tmpfs', mount]).status === 0;
    if (!isMounted) console.warn('skipped: mounting a small tmpfs is not allowed here');
  });
  afterAll(() => {
    if (isMounted) spawnSync('umount', [mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  it('[OU-2] is refused, noted nowhere and leaves nothing; what fits goes on being kept', (ctx) => {
    if (!isMounted) return ctx.skip();
    writeFileSync(join(mount, 'ok.json'), text(apiGraph()));
    const done = (...args: string[]) => expect(cwf(mount, args)).toMatchObject({ code: 0 });
    done('init');
    done('commit', '-m', 'one');
    writeFileSync(join(mount, 'small.bin'), Buffer.alloc(1000, 1));
    done('output', 'add', 'small.bin', '--on', 'HEAD');
    return inTemp((elsewhere) => {
      const large = join(elsewhere, 'large.bin');
      writeFileSync(large, Buffer.alloc(2 << 20, 2));
      const { code, stderr } = cwf(mount, ['output', 'add', large, '--on', 'HEAD']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: .*cannot be written: the disk is full\nhint: .*nothing half done is left/);
      expect(readdirSync(join(mount, '.git/cwf/tmp'))).toEqual([]);
      const { outputs } = JSON.parse(cwf(mount, ['output', 'ls', '--json']).stdout);
      expect(outputs).toMatchObject([{ size: 1000 }]);
      done('output', 'verify');
      done('fsck');
      const notes = spawnSync('git', ['-C', mount, 'notes', '--ref=cwf/runs', 'show', 'HEAD'], {
        env: cleanEnv(),
        encoding: 'utf8',
      });
      expect(notes.stdout.trim().split('\n')).toHaveLength(1);
      writeFileSync(join(mount, 'other.bin'), Buffer.alloc(900, 3));
      done('output', 'add', 'other.bin');
    });
  });
});

describe('an engine whose disk takes no more', () => {
  let root: string;
  let engine: Started;
  beforeAll(async () => {
    ensureBuilt();
    root = mkdtempSync(join(tmpdir(), 'cwf-full-engine-'));
    engine = await startWithin(64, root, root, '--porcelain');
  });
  afterAll(async () => {
    engine.process.kill('SIGKILL');
    await engine.ended;
    rmSync(root, { recursive: true, force: true });
  });

  async function upload(bytes: Uint8Array, name: string, overwrite = false): Promise<number> {
    const form = new FormData();
    form.append('image', new Blob([new Uint8Array(bytes)]), name);
    if (overwrite) form.append('overwrite', 'true');
    return (await fetch(`${engine.line}/upload/image`, { method: 'POST', body: form })).status;
  }

  async function ended(prompt: object): Promise<Record<string, unknown>> {
    const posted = await fetch(`${engine.line}/prompt`, { method: 'POST', body: JSON.stringify({ prompt }) });
    const { prompt_id: id } = (await posted.json()) as { prompt_id: string };
    for (;;) {
      const job = (await (await fetch(`${engine.line}/api/jobs/${id}`)).json()) as Record<string, unknown>;
      if (!['pending', 'in_progress'].includes(String(job['status']))) return job;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('[EN-4] refuses an upload and keeps what had its name', async () => {
    const small = await encoded(paint(4, 4, () => [1, 2, 3]));
    expect(await upload(small, 'kept.png')).toBe(200);
    const large = await encoded(noise(1));
    expect(large.length).toBeGreaterThan(64 * 1024);
    expect(await upload(large, 'kept.png', true)).toBe(500);
    expect(await upload(large, 'new.png')).toBe(500);
    expect(readdirSync(join(root, 'input'))).toEqual(['kept.png']);
    expect(readFileSync(join(root, 'input/kept.png'))).toEqual(small);
  });

  it('[EN-4] ends a prompt with an error that says so, leaves no torn picture, and runs the next', async () => {
    expect(await upload(await encoded(noise(2), 'jpeg'), 'noise.jpg')).toBe(200);
    const saved = (images: [string, number]) => ({
      '1': { class_type: 'LoadImage', inputs: { image: 'noise.jpg' } },
      '2': { class_type: 'ImageScale', inputs: { image: ['1', 0], ...eighth } },
      '3': { class_type: 'SaveImage', inputs: { images, filename_prefix: 'x' } },
    });
    const eighth = { upscale_method: 'area', width: 24, height: 24, crop: 'disabled' };
    expect(await ended(saved(['1', 0]))).toMatchObject({
      status: 'failed',
      execution_error: {
        node_id: '3',
        exception_type: 'OSError',
        exception_message: '[Errno 27] File too large\n',
      },
    });
    expect(readdirSync(join(root, 'output'))).toEqual([]);
    expect(await ended(saved(['2', 0]))).toMatchObject({ status: 'completed', outputs_count: 1 });
    expect(readdirSync(join(root, 'output'))).toEqual(['x_00001_.png']);
  });
});
