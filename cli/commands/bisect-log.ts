import { defineCommand } from '../command.ts';
import { short } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'bisect log',
  summary: 'Show what was said of which commit',
  examples: [['So far', 'cwf bisect log']],
  async run(_input, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { bisectLog } = await import('../../src/porcelain/bisect.ts');
    const out = await bisectLog.run(ctx, {});
    io.result('cwf.bisect-log/1', out, () => {
      for (const { mark, oid, subject } of out.marks)
        io.print(`${mark.padEnd(4)} ${io.color.yellow(short(oid))} ${safe(subject)}`);
    });
  },
});
