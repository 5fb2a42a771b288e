import { CwfError, isCwfError } from '../../src/base/errors.ts';
import type { ReproduceOutcome } from '../../src/porcelain/reproduce.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { short } from '../output/commits.ts';
import { printFindings } from '../output/diagnostics.ts';
import { noteTarget, printReproduced, reproduceJson } from '../output/reproduce.ts';
import { openProgress } from '../output/run-progress.ts';
import { safe } from '../output/safe.ts';
import { STOPPED, stopSignal } from '../run-flags.ts';

export const command = defineCommand({
  name: 'reproduce',
  summary: 'Make an output again, compare its pixels, and name what drifted',
  description:
    'Finds the run that is meant: the last finished one of a commit, or the one that an image, video or sound came from, by the commit it names (which must have its workflow), else by its bytes, its pixels or its workflow. Runs it again with the same values, seeds and input files, on the runner that made it where that is one of .cwfrc, and compares output by output. What is not what the note of the run says it was (versions, devices, node packs, files, seeds, the prompt itself) is named, with whether it can be the cause. The attempt is noted like any run. Exit code 0: identical, or within --tolerance; 1: something differs.',
  examples: [
    ['The last run of the last commit', 'cwf reproduce'],
    ['Where an image came from, and whether it can be made again', 'cwf reproduce ComfyUI_00042_.png'],
    ['One of several runs, on another server', 'cwf reproduce HEAD~3 --run 1a2b3c4d --on desk'],
    ['An output of the store', 'cwf reproduce sha256:0123abcd'],
    ['A pixel in a thousand may differ', 'cwf reproduce --tolerance 0.001'],
    ['Does the runner itself give the same twice?', 'cwf reproduce --repeat 3'],
    ['What has changed since, without a run', 'cwf reproduce portrait.json --dry-run'],
  ],
  mutates: true,
  streams: true,
  args: {
    what: {
      description: 'revision, image, video or sound, sha256:<digits>, or a working file; HEAD by default',
      complete: 'revision',
    },
  },
  flags: {
    run: { type: 'string', value: 'id', description: 'the run, by the first digits of its id' },
    file: { type: 'string', value: 'path', description: 'the workflow, where a commit has several', complete: 'file' },
    on: { type: 'string', value: 'runner', description: 'a runner of .cwfrc, embedded, or the address of a server' },
    input: {
      type: 'string',
      value: 'dir',
      description: 'folder that pictures are loaded from; input/ at the top by default',
    },
    tolerance: { type: 'string', value: 'share', description: 'of the pixels of an output that may differ: 0.001' },
    repeat: { type: 'integer', min: 1, max: 100, value: 'times', description: 'run it so often, and compare the runs' },
    'no-note': { type: 'boolean', description: 'note nothing; outputs are kept all the same' },
    timeout: { type: 'integer', min: 1, value: 'seconds', description: 'interrupt a run after so long' },
  },
  async run({ args, flags }, io) {
    const tolerance = flags.tolerance === undefined ? 0 : Number(flags.tolerance);
    if (flags.tolerance?.trim() === '' || !(tolerance >= 0 && tolerance < 1))
      throw new CwfError('USAGE', {
        command: 'reproduce',
        reason: '--tolerance is a share of the pixels, from 0 to 1',
      });
    const { reproduceRun } = await import('../../src/porcelain/reproduce.ts');
    const ctx = await io.open();
    const stop = stopSignal();
    const progress = await openProgress(io);
    try {
      const out = await reproduceRun(
        ctx,
        {
          what: args.what,
          run: flags.run,
          file: flags.file,
          on: flags.on,
          input: flags.input,
          tolerance,
          repeat: flags.repeat,
          record: !flags['no-note'],
          timeout: flags.timeout,
          dryRun: io.dryRun,
        },
        {
          signal: stop.signal,
          onFound: (target) => {
            if (io.mode === 'text') noteTarget(io, target);
          },
          onReady: progress.ready,
          onEvent: progress.event,
        },
      );
      progress.end();
      return await print(io, out, tolerance, stop.signal.aborted);
    } catch (error) {
      // Stopped before anything was sent.
      if (stop.signal.aborted && isCwfError(error, 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER')) return STOPPED;
      throw error;
    } finally {
      progress.end();
      stop.done();
    }
  },
});

async function print(io: Io, out: ReproduceOutcome, tolerance: number, isStopped: boolean): Promise<number> {
  const { adviceFor } = await import('../../src/porcelain/validate.ts');
  io.result('cwf.reproduce/1', reproduceJson(out), () => {
    if (out.kind === 'blocked' && out.findings && io.mode === 'text') printFindings(io, out.findings, adviceFor);
    printReproduced(io, out, tolerance);
  });
  // What was printed goes out before what is said of it.
  await io.end();
  const isText = io.mode === 'text' || io.mode === 'porcelain';
  const error = out.kind === 'planned' ? undefined : out.error;
  if (isText) {
    for (const remark of out.remarks) io.note(`note: ${safe(remark)}`);
    if (out.kind === 'ran' && out.recorded) io.note(`noted on ${short(out.target.source.commit)}`);
    if (error) {
      io.note(`error: ${safe(error.message)}`);
      io.note(`hint: ${safe(error.hint)}`);
    }
  }
  if (isStopped && error) return STOPPED;
  if (error) return error.exit;
  return out.kind === 'ran' && out.verdict === 'differs' ? 1 : 0;
}
