import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'fsck',
  summary: 'Check the repository, and replay every patch',
  description:
    'Replays every recorded patch on its parent and compares with the snapshot. Exit code 9 when something is wrong.',
  examples: [
    ['Check', 'cwf fsck'],
    ['Mend what can be mended without losing anything', 'cwf fsck --repair'],
  ],
  mutates: true,
  flags: { repair: { type: 'boolean', description: 'mend damaged refs, left locks and torn objects' } },
  async run({ flags }, io) {
    const ctx = await io.open();
    const { fsck } = await import('../../src/porcelain/fsck.ts');
    const out = await fsck.run(ctx, { repair: flags.repair && !io.dryRun });
    const bad = out.findings.filter(({ severity, repaired }) => severity === 'error' && !repaired);
    io.result('cwf.fsck/1', out, () => {
      for (const { severity, where, message, hint, repaired } of out.findings) {
        const sign = severity === 'error' ? io.color.red('!') : io.color.yellow('?');
        io.print(`${sign} ${safe(where)}: ${safe(message)}${repaired ? io.color.green(`  (${safe(repaired)})`) : ''}`);
        if (hint && !repaired) io.print(`  ${io.color.dim(safe(hint))}`);
      }
      const parts = [count(out.commits, 'commit'), `${count(out.replayed, 'patch', 'patches')} replayed`];
      if (out.derived > 0) parts.push(`${out.derived} by plain git`);
      io.print(
        `${parts.join(', ')}: ${bad.length === 0 ? io.color.green('sound') : io.color.red(count(bad.length, 'error'))}`,
      );
    });
    return bad.length > 0 ? 9 : undefined;
  },
});
