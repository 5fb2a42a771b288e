import { CwfError, isCwfError } from '../../src/base/errors.ts';
import { defineCommand } from '../command.ts';
import { openDry } from '../dry.ts';
import { printBisect, printNumbers, printWithin } from '../output/bisect.ts';
import { readPair, readSeed, STOPPED, stopSignal } from '../run-flags.ts';

export const command = defineCommand({
  name: 'bisect run',
  summary: 'Let a command or a number find the bad commit',
  description:
    'By a number: the workflow of each commit is run as by `cwf run`, and a commit is bad when the metric of its pictures (of several the mean) is --below or --above a limit, or when more than a share of the pixels is not that of the good commit (--image-differs). What is noted already is not run again; what cannot be run or measured is skipped. By a command, after --: it says by its exit code what the files at hand are: 0 good, 125 cannot be tested, 1 to 127 bad; 128 and above ends it. With --within the edits of the bad commit are tried in parts, until the fewest that make it bad are left.',
  examples: [
    ['By a metric', 'cwf bisect run --metric sharpness --below 120'],
    ['By the picture of the good commit', 'cwf bisect run --image-differs 0.02 --within'],
    ['With a script', 'cwf bisect run -- node check.mjs portrait.json'],
    ['Down to the edits', 'cwf bisect run --within -- node check.mjs portrait.json'],
    ['Inside one commit', 'cwf bisect run --within HEAD~2 -- node check.mjs portrait.json'],
  ],
  mutates: true,
  args: { rev: { description: 'with --within: only this commit', complete: 'revision' } },
  rest: 'command',
  flags: {
    within: { type: 'boolean', description: 'also find the edits of the commit that make it bad' },
    metric: { type: 'string', value: 'name', description: 'run the workflow and judge by this number of its pictures' },
    below: { type: 'string', value: 'number', description: 'bad is less than this' },
    above: { type: 'string', value: 'number', description: 'bad is more than this' },
    'image-differs': { type: 'string', value: 'share', description: 'bad is when more of the pixels differ: 0.02' },
    file: {
      type: 'string',
      value: 'file',
      description: 'workflow to run, or that the command gets as CWF_FILE',
      complete: 'file',
    },
    on: { type: 'string', value: 'runner', description: 'a runner of .cwfrc, embedded, or the address of a server' },
    set: { type: 'string', multiple: true, value: 'node.input=value', description: 'a value for all the runs' },
    seed: { type: 'string', value: 'number', description: 'for every seed, in all the runs' },
    input: { type: 'string', value: 'dir', description: 'folder that pictures are loaded from; input/ by default' },
  },
  async run({ args, flags, rest }, io) {
    const ctx = await openDry(io);
    const { bisectBy } = await import('../../src/porcelain/bisect-run.ts');
    const seed = readSeed('bisect run', flags.seed);
    const stop = stopSignal();
    try {
      const out = await bisectBy(
        ctx,
        {
          command: rest,
          metric: flags.metric,
          below: readNumber('below', flags.below),
          above: readNumber('above', flags.above),
          imageDiffers: readNumber('image-differs', flags['image-differs']),
          within: flags.within,
          rev: args.rev,
          file: flags.file,
          on: flags.on,
          set: flags.set.map((text) => readPair('bisect run', text)),
          ...(seed === undefined ? {} : { seed }),
          input: flags.input,
        },
        stop.signal,
      );
      io.result('cwf.bisect-run/1', out, () => {
        if (args.rev === undefined) printBisect(io, out.result);
        printNumbers(io, out, flags.metric ?? 'image-differs');
        if (out.within) printWithin(io, out.within);
      });
      const isExplained = out.within === undefined || out.within.kind === 'minimal';
      return out.result.kind === 'found' && isExplained ? 0 : 1;
    } catch (error) {
      if (stop.signal.aborted && isCwfError(error, 'RUN_STOPPED')) return STOPPED;
      throw error;
    } finally {
      stop.done();
    }
  },
});

function readNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value))
    throw new CwfError('USAGE', { command: 'bisect run', reason: `--${flag}: ${text} is no number` });
  return value;
}
