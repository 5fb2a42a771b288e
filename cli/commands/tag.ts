import { CwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { short } from '../output/commits.ts';
import { pad, safe, width } from '../output/safe.ts';

export const command = defineCommand({
  name: 'tag',
  summary: 'List, make or delete tags',
  examples: [
    ['Name the last commit', 'cwf tag portrait-final'],
    ['With a message', 'cwf tag -a v1 HEAD~2 -m "sent to the client"'],
    ['Delete', 'cwf tag -d v1'],
  ],
  mutates: true,
  args: {
    name: { description: 'tag', complete: 'tag' },
    rev: { description: 'commit; HEAD when absent', complete: 'revision' },
  },
  flags: {
    list: { type: 'boolean', char: 'l', description: 'list the tags' },
    annotate: { type: 'boolean', char: 'a', description: 'make a tag object, with author, date and message' },
    message: { type: 'string', char: 'm', value: 'text', description: 'message of the tag; implies -a' },
    delete: { type: 'boolean', char: 'd', description: 'delete it' },
  },
  async run({ args, flags }, io) {
    if (flags.annotate && flags.message === undefined)
      throw new CwfError('USAGE', { command: 'tag', reason: '-a needs a message: -m "..."' });
    if (flags.delete && args.name === undefined) throw new CwfError('USAGE', { command: 'tag', reason: 'which tag?' });
    const ctx = await openDry(io);
    const { tag } = await import('../../src/porcelain/tag.ts');
    const { message, delete: remove } = flags;
    const out = await tag.run(ctx, flags.list ? {} : { name: args.name, rev: args.rev, message, remove });
    io.result('cwf.tag/1', out, () => {
      const widest = Math.max(0, ...out.tags.map(({ name }) => width(safe(name))));
      for (const { name, oid } of out.tags) {
        if (io.mode === 'porcelain') io.print(`${oid}\t${safe(name)}`);
        else io.print(`${pad(safe(name), widest)}  ${io.color.yellow(short(oid))}`);
      }
    });
  },
});
