import { defineCommand } from '../command.ts';
import { confirmWatch, noteConfirmed, printConfirmed } from '../output/confirmed.ts';
import { readAmount, STOPPED, stopSignals } from '../run-flags.ts';

export const command = defineCommand({
  name: 'exp confirm',
  summary: 'Run the best trials of a study under other seeds',
  description:
    'Whether the best trial is good, or its seed was. Its best trials and the workflow as it is run under seeds that the study did not have, the same ones for all; what differs is told with 95 % limits. The trial to take is the best of those from then on. Runs that were made before count: more --seeds go on with them. Ctrl-C ends it after the runs that run, a second one interrupts those as well.',
  examples: [
    ['The best three', 'cwf exp confirm portrait-1'],
    ['The best five, under ten seeds', 'cwf exp confirm portrait-1 --top 5 --seeds 10'],
  ],
  mutates: true,
  streams: true,
  args: { study: { description: 'name of the study', required: true } },
  flags: {
    top: { type: 'integer', min: 1, value: 'trials', description: 'the best so many; 3 by default' },
    seeds: {
      type: 'integer',
      min: 1,
      value: 'count',
      description: 'other seeds, those run before included; 5 by default',
    },
    on: { type: 'string', multiple: true, value: 'runner', description: 'run on this one of .cwfrc, or on an address' },
    hosts: { type: 'string', multiple: true, value: 'runners', description: 'the same, as a,b' },
    input: { type: 'string', value: 'dir', description: 'folder that pictures are loaded from; input/ by default' },
    money: { type: 'string', value: 'amount', description: 'what paid nodes may cost in all, what was spent included' },
    'cost-per-run': { type: 'string', value: 'amount', description: 'what a run of such nodes costs' },
    'dry-run': { type: 'boolean', description: 'say what would be run' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { confirmStudy } = await import('../../src/porcelain/exp-confirm.ts');
    const { shownStudy } = await import('../../src/porcelain/exp.ts');
    const { hosts, on, money, 'cost-per-run': costPerRun, 'dry-run': dryRun, ...rest } = flags;
    const stop = stopSignals();
    try {
      const input = {
        ...args,
        ...rest,
        dryRun,
        hosts: [...on, ...hosts.flatMap((list) => list.split(','))],
        money: readAmount('exp confirm', '--money', money),
        costPerRun: readAmount('exp confirm', '--cost-per-run', costPerRun),
      };
      const out = await confirmStudy(ctx, input, confirmWatch(io, stop));
      const study = await shownStudy(ctx, args.study);
      io.result('cwf.exp.confirm/1', out, () => printConfirmed(io, out, study));
      await io.end();
      if (io.mode === 'text' && !dryRun) noteConfirmed(io, out);
      return stop.signal.aborted ? STOPPED : undefined;
    } finally {
      stop.done();
    }
  },
});
