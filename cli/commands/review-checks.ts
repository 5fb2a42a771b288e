import { CwfError } from '../../src/base/errors.ts';
import type { SmokeStep } from '../../src/porcelain/review-smoke.ts';
import { defineCommand } from '../command.ts';
import { printChecks } from '../output/review.ts';
import { safe } from '../output/safe.ts';
import { readAmount, STOPPED, stopSignal } from '../run-flags.ts';

export const command = defineCommand({
  name: 'review checks',
  summary: 'Check a proposal, and note what came of it',
  description:
    'validate: faults that its base has not. reach: hosted nodes that cost money, code that ComfyUI does not ship, downloads, programs, addresses in values. With --run each changed workflow is run as its base has it and as it is, on the embedded engine or the runner of --on, and numbers and pictures of both are held against each other; a run that is noted is not made again, and `cwf review show` tells of it. The result is noted with a digest of what was judged; a merge never relies on a note, and checks anew. The exit code is 3 where a check fails.',
  examples: [
    ['Of one proposal', 'cwf review checks 3f9a'],
    ['With a run before and after', 'cwf review checks 3f9a --run --on desk'],
  ],
  mutates: true,
  args: { proposal: { description: 'id of the proposal', required: true, complete: 'proposal' } },
  flags: {
    run: { type: 'boolean', description: 'also run what it changes, before and after' },
    on: { type: 'string', value: 'runner', description: 'with --run: a runner of .cwfrc, or the address of a server' },
    input: { type: 'string', value: 'dir', description: 'with --run: folder that pictures are loaded from' },
    money: { type: 'string', value: 'amount', description: 'with --run: what nodes that cost money may cost in all' },
    'cost-per-run': { type: 'string', value: 'amount', description: 'with --run: what a run of such nodes costs' },
  },
  async run({ args, flags }, io) {
    const { run, on, input } = flags;
    const [money, costPerRun] = [flags.money, flags['cost-per-run']];
    if (!run && [on, input, money, costPerRun].some((flag) => flag !== undefined))
      throw new CwfError('USAGE', { command: 'review checks', reason: 'say --run: the other flags are for its runs' });
    const ctx = await io.open();
    const { reviewChecks } = await import('../../src/porcelain/review-say.ts');
    const stop = stopSignal();
    const report = ({ kind, side, file, runner }: SmokeStep): void => {
      if (kind === 'begun')
        io.note(`running ${safe(file)} as ${side === 'base' ? 'its base' : 'the proposal'} has it, on ${runner}`);
    };
    try {
      const out = await reviewChecks.run(ctx, {
        proposal: args.proposal,
        run,
        ...{ on, input },
        money: readAmount('review checks', '--money', money),
        costPerRun: readAmount('review checks', '--cost-per-run', costPerRun),
        dryRun: io.dryRun,
        signal: stop.signal,
        report,
      });
      io.result('cwf.review.checks/1', out, () => printChecks(io, out, out.demand));
      return out.results.some(({ state }) => state === 'fail') ? 3 : undefined;
    } catch (error) {
      if (stop.signal.aborted) return STOPPED;
      throw error;
    } finally {
      stop.done();
    }
  },
});
