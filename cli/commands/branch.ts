import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { branchName, short } from '../output/commits.ts';
import { clip, pad, safe, width } from '../output/safe.ts';

export const command = defineCommand({
  name: 'branch',
  summary: 'List, make, rename or delete branches',
  examples: [
    ['All branches', 'cwf branch'],
    ['A branch at an old commit', 'cwf branch rescue HEAD~3'],
    ['Delete one that was merged', 'cwf branch -d trial/flux'],
    ['Rename', 'cwf branch -m old new'],
  ],
  mutates: true,
  args: {
    name: { description: 'branch; with -m alone the new name of this one', complete: 'branch' },
    start: { description: 'where it starts, HEAD when absent; with -m the new name', complete: 'revision' },
  },
  flags: {
    list: { type: 'boolean', char: 'l', description: 'list the branches' },
    delete: { type: 'boolean', char: 'd', description: 'delete it, if its commits are on this branch too' },
    'force-delete': { type: 'boolean', char: 'D', description: 'delete it in any case' },
    move: { type: 'boolean', char: 'm', description: 'give it another name' },
  },
  async run({ args, flags }, io) {
    const { name, start } = args;
    const remove = flags['force-delete'] ? 'force' : flags.delete ? 'merged' : undefined;
    if ((remove || flags.move) && name === undefined)
      throw new CwfError('USAGE', { command: 'branch', reason: 'which branch?' });
    const ctx = await openDry(io);
    const { branch } = await import('../../src/porcelain/branch.ts');
    const here = branchName((await ctx.repo.head()).branch);
    const input = flags.list
      ? {}
      : remove
        ? { name, remove: remove as 'force' | 'merged' }
        : flags.move
          ? { name: start === undefined ? here : name, rename: start ?? name }
          : { name, start };
    const out = await branch.run(ctx, input);
    io.result('cwf.branch/1', out, () => {
      const widest = Math.max(0, ...out.branches.map((one) => width(safe(one.name))));
      for (const { name, oid, current, subject } of out.branches) {
        const mark = current ? '*' : ' ';
        if (io.mode === 'porcelain') {
          io.print(`${mark}\t${oid}\t${safe(name)}`);
          continue;
        }
        const label = pad(safe(name), widest);
        const shown = current ? io.color.green(label) : label;
        io.print(`${mark} ${shown}  ${io.color.yellow(short(oid))}  ${clip(subject, io.columns - widest - 14)}`);
      }
    });
  },
});
