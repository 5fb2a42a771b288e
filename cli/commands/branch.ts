import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { short } from '../output/commits.ts';
import { clip, safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'branch',
  summary: 'List, make, rename or delete branches',
  examples: [
    ['All branches', 'cwf branch'],
    ['A branch at an old commit', 'cwf branch rescue HEAD~3'],
    ['Delete one that was merged', 'cwf branch -d trial/flux'],
    ['Rename', 'cwf branch old -m new'],
  ],
  mutates: true,
  args: {
    name: { description: 'branch', complete: 'branch' },
    start: { description: 'where it starts; HEAD when absent', complete: 'revision' },
  },
  flags: {
    delete: { type: 'boolean', char: 'd', description: 'delete it, if its commits are on this branch too' },
    'force-delete': { type: 'boolean', char: 'D', description: 'delete it in any case' },
    rename: { type: 'string', char: 'm', value: 'name', description: 'give it another name' },
  },
  async run({ args, flags }, io) {
    const ctx = await openDry(io);
    const { branch } = await import('../../src/porcelain/branch.ts');
    const out = await branch.run(ctx, {
      name: args.name,
      start: args.start,
      remove: flags['force-delete'] ? 'force' : flags.delete ? 'merged' : undefined,
      rename: flags.rename,
    });
    io.result('cwf.branch/1', out, () => {
      const width = Math.max(0, ...out.branches.map(({ name }) => name.length));
      for (const { name, oid, current, subject } of out.branches) {
        const label = safe(name.padEnd(width));
        const shown = current ? io.color.green(label) : label;
        io.print(
          `${current ? '*' : ' '} ${shown} ${io.color.yellow(short(oid))} ${clip(subject, io.columns - width - 12)}`,
        );
      }
    });
  },
});
