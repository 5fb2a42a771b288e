import { defineCommand } from '../command.ts';
import { noteBest, printStudy, studyJson } from '../output/study.ts';
import { openStudyView } from '../output/study-board.ts';
import { readAmount, STOPPED, stopSignals } from '../run-flags.ts';

export const command = defineCommand({
  name: 'exp resume',
  summary: 'Go on with a study where it ended',
  description:
    'By its own definition, with the points that it would have asked for had it not ended. A trial that was running is run again under its number. --budget gives it more trials.',
  examples: [
    ['After a power cut', 'cwf exp resume portrait-1'],
    ['More trials', 'cwf exp resume portrait-1 --budget 120'],
  ],
  mutates: true,
  streams: true,
  args: { study: { description: 'name of the study', required: true } },
  flags: {
    budget: { type: 'integer', min: 1, value: 'trials', description: 'trials in all from now on' },
    minutes: { type: 'integer', min: 1, value: 'minutes', description: 'begin no trial after so long' },
    on: { type: 'string', multiple: true, value: 'runner', description: 'run on this one of .cwfrc, or on an address' },
    hosts: { type: 'string', multiple: true, value: 'runners', description: 'the same, as a,b' },
    input: { type: 'string', value: 'dir', description: 'folder that pictures are loaded from; input/ by default' },
    money: { type: 'string', value: 'amount', description: 'what paid nodes may cost in all, what was spent included' },
    'cost-per-run': { type: 'string', value: 'amount', description: 'what a run of such nodes costs' },
  },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { isLuckPossible } = await import('../../src/porcelain/exp-confirm.ts');
    const { resumeStudy } = await import('../../src/porcelain/optimize.ts');
    const { hosts, on, money, 'cost-per-run': costPerRun, ...rest } = flags;
    const stop = stopSignals();
    const view = await openStudyView(io, stop);
    try {
      const input = {
        ...args,
        ...rest,
        hosts: [...on, ...hosts.flatMap((list) => list.split(','))],
        money: readAmount('exp resume', '--money', money),
        costPerRun: readAmount('exp resume', '--cost-per-run', costPerRun),
      };
      const out = await resumeStudy(ctx, input, view.watch);
      view.clear();
      io.result('cwf.optimize/1', studyJson(out), () => printStudy(io, out));
      await io.end();
      if (io.mode === 'text') noteBest(io, out, await isLuckPossible(ctx, out));
      return stop.signal.aborted ? STOPPED : undefined;
    } finally {
      view.leave();
      stop.done();
    }
  },
});
