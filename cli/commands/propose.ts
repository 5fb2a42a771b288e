import { defineCommand } from '../command.ts';
import { printChanges } from '../output/changes.ts';
import { count, short } from '../output/commits.ts';
import { clip, safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'propose',
  summary: 'Propose commits for review',
  description:
    'Commits that a branch has not get a ref of their own, proposal/<id>, which stands wherever a revision stands. It goes into the branch you are on, or with --into elsewhere; from a branch other than the default one without a name, that branch into the default one. Proposing the branch again brings its new commits to the same proposal. With --from-working-tree what is not committed yet is proposed, and files and branch stay as they are.',
  examples: [
    ['This branch, into the default branch', 'cwf propose --title "Softer light" --reason "skin was too sharp"'],
    ['Another branch, into this one', 'cwf propose agent/tuner'],
    ['What is not committed', 'cwf propose --from-working-tree --actor agent/tuner'],
  ],
  mutates: true,
  args: { branch: { description: 'branch or commit; the branch you are on when absent', complete: 'branch' } },
  flags: {
    title: { type: 'string', value: 'text', description: 'in a line; the last subject when absent' },
    into: { type: 'string', value: 'branch', description: 'where it shall go', complete: 'branch' },
    'from-working-tree': { type: 'boolean', description: 'propose the changed files' },
    'allow-secrets': { type: 'boolean', description: 'propose values that look like keys or passwords' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { propose } = await import('../../src/porcelain/propose.ts');
    const out = await propose.run(ctx, {
      branch: args.branch,
      fromWorkingTree: flags['from-working-tree'],
      into: flags.into,
      title: flags.title,
      reason: io.reason,
      allowSecrets: flags['allow-secrets'],
      dryRun: io.dryRun,
    });
    io.result('cwf.propose/1', out, () => {
      const { color } = io;
      if (io.mode === 'porcelain') return io.print(out.id ?? '');
      const name = out.id === undefined ? 'a new proposal' : `proposal/${out.id}`;
      const does = { opened: 'Proposed as', updated: 'Brought up to date:' }[out.kind];
      const verb = io.dryRun ? 'Would propose as' : does;
      io.print(`${verb} ${color.yellow(name)} ${color.dim(`into ${safe(out.target)}`)}  ${clip(out.title, 100)}`);
      for (const { oid, subject, actor } of out.commits.slice(0, 8))
        io.print(`  ${color.yellow(short(oid))} ${color.cyan(safe(actor))} ${clip(subject, 100)}`);
      if (out.commits.length > 8) io.print(color.dim(`  ... and ${count(out.commits.length - 8, 'more commit')}`));
      printChanges(io, out.files, { most: 8 });
    });
    if (out.id !== undefined && !io.dryRun) io.note(`To look at it: cwf review show ${out.id}`);
  },
});
