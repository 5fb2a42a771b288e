import { existsSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cwf, inTemp } from './cwf.ts';

it('the demo does what it says, in a folder of its own that is kept when asked, in under 20 s', async () => {
  await inTemp((dir) => {
    const { code, stdout, stderr } = cwf(dir, ['demo', '--keep']);
    expect([code, stderr]).toEqual([0, '']);
    const end = /\nAll \d+ steps did what they say, in (\d+\.\d) s; the folder is (\S+)\n$/.exec(stdout);
    expect(stdout).toContain('$ cwf bisect run --within');
    expect(Number(end![1])).toBeLessThan(20);
    expect(existsSync(end![2]!)).toBe(true);
    expect(cwf(end![2]!, ['fsck']).stdout).toMatch(/sound\n$/);
    rmSync(end![2]!, { recursive: true, force: true });
  });
}, 60_000);
