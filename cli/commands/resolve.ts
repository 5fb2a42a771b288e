import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { noteFaults, printList } from '../output/conflicts.ts';

export const command = defineCommand({
  name: 'resolve',
  summary: 'Decide what a merge left open',
  description:
    'Takes one side of a conflict, or a value of your own. Choosing again replaces the choice. Nothing is committed before `--continue`.',
  examples: [
    ['Take their side of the first conflict', 'cwf resolve 1 --theirs'],
    ['A value between the two', 'cwf resolve 2 --value 25'],
    ['Ours in all that is open', 'cwf resolve --all --ours'],
  ],
  mutates: true,
  args: { conflicts: { description: 'numbers or ids from `cwf conflicts`, or files', multiple: true } },
  flags: {
    ours: { type: 'boolean', description: 'what this branch has' },
    theirs: { type: 'boolean', description: 'what the other side has' },
    base: { type: 'boolean', description: 'what both began with' },
    value: { type: 'string', value: 'json', description: 'a value of your own' },
    all: { type: 'boolean', description: 'every conflict that is open' },
  },
  async run({ args, flags }, io) {
    const refuse = (reason: string): CwfError => new CwfError('USAGE', { command: 'resolve', reason });
    const sides = (['ours', 'theirs', 'base'] as const).filter((side) => flags[side]);
    if (sides.length + (flags.value === undefined ? 0 : 1) !== 1)
      throw refuse('choose one of --ours, --theirs, --base and --value');
    if (flags.all === args.conflicts.length > 0) throw refuse('name conflicts, or say --all');
    const ctx = await io.open();
    const { resolve } = await import('../../src/porcelain/conflicts.ts');
    const [take] = sides;
    const out = await resolve.run(ctx, { ids: args.conflicts, all: flags.all, take, value: flags.value });
    io.result('cwf.resolve/1', out, () => {
      printList(io, out.conflicts);
      noteFaults(io, out.faults ?? []);
      io.note(
        out.open > 0
          ? `${count(out.open, 'decision')} still open`
          : `hint: every decision is made; finish with \`cwf ${out.op} --continue\``,
      );
    });
    return undefined;
  },
});
