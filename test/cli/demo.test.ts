import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cwf, inTemp } from './cwf.ts';

interface Noted {
  readonly run?: { readonly outputs: readonly { readonly pixels: string }[] };
}

/** The runs noted on a commit, oldest first. */
function runsOf(folder: string, rev: string): NonNullable<Noted['run']>[] {
  const { notes } = JSON.parse(cwf(folder, ['show', rev, '--json']).stdout) as { notes: Noted[] };
  return notes.flatMap(({ run }) => (run ? [run] : []));
}

it('the demo does what it says, in a folder of its own that is kept when asked', async () => {
  await inTemp((dir) => {
    const { code, stdout, stderr } = cwf(dir, ['demo', '--keep']);
    expect([code, stderr]).toEqual([0, '']);
    const folder = /\nAll \d+ steps did what they say, in \d+\.\d s; the folder is (\S+)\n$/.exec(stdout)![1]!;
    try {
      expect(existsSync(folder)).toBe(true);
      expect(cwf(folder, ['fsck']).stdout).toMatch(/sound\n$/);
      // The commit that the bisect found is the one that made the picture soft, and the revert takes back that one.
      const planted = /\n {2}([0-9a-f]{8}) on main {2}.* and 2 more edits\n/.exec(stdout)![1]!;
      expect(stdout).toContain(`First bad commit: ${planted}`);
      expect(stdout).toMatch(new RegExp(`reverts ${planted}`));
      // What was made again has the pixels of the first run, and both are noted on the commit.
      const runs = runsOf(folder, 'HEAD~5');
      expect(runs).toHaveLength(2);
      expect(runs[0]!.outputs[0]!.pixels).toMatch(/^[0-9a-f]{64}$/);
      expect(runs[1]!.outputs[0]!.pixels).toBe(runs[0]!.outputs[0]!.pixels);
      // The study began with the workflow as it is, and what was applied of it is on the branch.
      const taken = /cwf exp apply photo-1\/(\d+)/.exec(stdout)![1]!;
      const study = JSON.parse(cwf(folder, ['exp', 'show', 'photo-1', '--json']).stdout);
      expect(study.trials).toHaveLength(16);
      const { params, best } = study.trials.find(({ number }: { number: number }) => String(number) === taken);
      expect(best).toBe(true);
      const photo = JSON.parse(readFileSync(join(folder, 'photo.json'), 'utf8'));
      expect(photo['2'].inputs.blur_radius).toBe(params.radius);
      // And not those of every commit.
      expect(runsOf(folder, planted)[0]!.outputs[0]!.pixels).not.toBe(runs[0]!.outputs[0]!.pixels);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}, 120_000);
