import { existsSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cwf, inTemp } from './cwf.ts';

it('the demo does what it says, in a folder of its own, in under 20 s', async () => {
  await inTemp((dir) => {
    const { code, stdout, stderr } = cwf(dir, ['demo']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nAll \d+ steps did what they say, in \d+\.\d s\n$/);
    expect(stdout).toContain('$ cwf bisect run --within');
    const kept = JSON.parse(cwf(dir, ['demo', '--keep', '--json']).stdout);
    expect(kept).toMatchObject({ schema: 'cwf.demo/1', failed: 0 });
    expect(kept.seconds).toBeLessThan(20);
    expect(existsSync(kept.folder)).toBe(true);
    rmSync(kept.folder, { recursive: true, force: true });
  });
}, 60_000);
