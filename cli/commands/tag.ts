import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'tag',
  summary: 'List, make or delete tags',
  examples: [
    ['Name the last commit', 'cwf tag portrait-final'],
    ['With a message', 'cwf tag v1 HEAD~2 -m "sent to the client"'],
    ['Delete', 'cwf tag -d v1'],
  ],
  mutates: true,
  args: {
    name: { description: 'tag', complete: 'tag' },
    rev: { description: 'commit; HEAD when absent', complete: 'revision' },
  },
  flags: {
    message: { type: 'string', char: 'm', value: 'text', description: 'make an annotated tag' },
    delete: { type: 'boolean', char: 'd', description: 'delete it' },
  },
  async run({ args, flags }, io) {
    const ctx = await openDry(io);
    const { tag } = await import('../../src/porcelain/tag.ts');
    const { message, delete: remove } = flags;
    const out = await tag.run(ctx, { name: args.name, rev: args.rev, message, remove });
    io.result('cwf.tag/1', out, () => {
      for (const { name, oid } of out.tags) io.print(`${safe(name)}  ${io.color.yellow(short(oid))}`);
    });
  },
});
