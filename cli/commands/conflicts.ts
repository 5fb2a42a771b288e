import { defineCommand } from '../command.ts';
import { count } from '../output/commits.ts';
import { noteFaults, printList } from '../output/conflicts.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'conflicts',
  summary: 'List the decisions a merge waits for',
  description:
    'A merge, revert or cherry-pick that needs decisions changes no file: it waits until each one is made with `cwf resolve`. Exits with 4 while one is open.',
  examples: [
    ['What is open, and what was chosen', 'cwf conflicts'],
    ['As data, with all three sides of each', 'cwf conflicts --json'],
  ],
  async run(_input, io) {
    const ctx = await io.open();
    const { conflicts } = await import('../../src/porcelain/conflicts.ts');
    const out = await conflicts.run(ctx, {});
    io.result('cwf.conflicts/1', out, () => {
      if (io.mode === 'porcelain') {
        for (const { number, id, resolution } of out.conflicts)
          io.print(`${number}\t${resolution === undefined ? 'open' : 'resolved'}\t${safe(id)}`);
        return;
      }
      io.print(`${out.op} of ${safe(out.rev)}: ${count(out.open, 'decision')} open of ${out.conflicts.length}`);
      printList(io, out.conflicts);
      noteFaults(io, out.faults ?? []);
      io.note(
        out.open > 0
          ? 'hint: choose with `cwf resolve <number> --ours|--theirs|--base|--value <json>`'
          : `hint: finish with \`cwf ${out.op} --continue\``,
      );
    });
    return out.open > 0 ? 4 : undefined;
  },
});
