import { existsSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cwf, inTemp } from './cwf.ts';

it('the demo does what it says, in a folder of its own that is kept when asked', async () => {
  await inTemp((dir) => {
    const { code, stdout, stderr } = cwf(dir, ['demo', '--keep']);
    expect([code, stderr]).toEqual([0, '']);
    const end = /\nAll \d+ steps did what they say, in \d+\.\d s; the folder is (\S+)\n$/.exec(stdout);
    expect(stdout).toContain('$ cwf bisect run --within');
    expect(existsSync(end![1]!)).toBe(true);
    expect(cwf(end![1]!, ['fsck']).stdout).toMatch(/sound\n$/);
    rmSync(end![1]!, { recursive: true, force: true });
  });
}, 60_000);
