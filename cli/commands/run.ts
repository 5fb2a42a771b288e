import { CwfError } from '../../src/base/errors.ts';
import type { RunOutcome } from '../../src/porcelain/run.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { printFindings } from '../output/diagnostics.ts';
import { printRun, runJson } from '../output/run.ts';
import { openProgress } from '../output/run-progress.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'run',
  summary: 'Run a workflow, and note its outputs, numbers and environment on its commit',
  description:
    'Runs the workflow of a commit (HEAD by default), of <revision>:<file>, or a working file that is what HEAD has, on a ComfyUI server of .cwfrc, or on the embedded engine where none is configured. What would be refused is told as `cwf validate` tells it, and not sent. Outputs go into the store (`cwf output ls`), pictures are measured, and one operation notes the run in refs/notes/cwf/runs and its numbers in refs/notes/cwf/metrics. A run that fails is noted, too; its exit code is 7. Ctrl-C interrupts the run and keeps what is known of it. docs/runs.md has the form of the note.',
  examples: [
    ['The last commit', 'cwf run'],
    ['An older version, on one of the servers of .cwfrc', 'cwf run HEAD~3:portrait.json --on desk'],
    ['With other values for this run', 'cwf run --set KSampler.steps=30 --set 6.text="a red fox"'],
    ['Another seed', 'cwf run --seed random'],
    ['What is not committed yet, without a note', 'cwf run portrait.json --no-note'],
    ['Would it run?', 'cwf run --dry-run'],
  ],
  mutates: true,
  streams: true,
  args: {
    what: { description: 'revision, <revision>:<file>, or a working file; HEAD by default', complete: 'revision' },
  },
  flags: {
    on: { type: 'string', value: 'runner', description: 'a runner of .cwfrc, embedded, or the address of a server' },
    set: { type: 'string', multiple: true, value: 'node.input=value', description: 'a value for this run only' },
    seed: { type: 'string', value: 'number', description: 'for every seed of the workflow; random for any' },
    file: { type: 'string', value: 'path', description: 'the workflow, where a commit has several', complete: 'file' },
    input: {
      type: 'string',
      value: 'dir',
      description: 'folder that pictures are loaded from; input/ at the top by default',
    },
    metric: {
      type: 'string',
      multiple: true,
      value: 'names',
      description: 'measure these instead of all, also as a,b',
    },
    'no-metrics': { type: 'boolean', description: 'measure nothing' },
    'no-note': { type: 'boolean', description: 'note nothing; outputs are kept all the same' },
    timeout: { type: 'integer', min: 1, value: 'seconds', description: 'interrupt the run after so long' },
  },
  async run({ args, flags }, io) {
    const seed = readSeed(flags.seed);
    const values = flags.set.map(readPair);
    const ctx = await io.open();
    const { runWorkflow } = await import('../../src/porcelain/run.ts');
    const names = flags.metric.flatMap((list) => list.split(',').map((name) => name.trim()));
    const progress = await openProgress(io);
    const stop = stopSignal();
    try {
      const out = await runWorkflow(
        ctx,
        {
          what: args.what,
          file: flags.file,
          on: flags.on,
          set: values,
          ...(seed === undefined ? {} : { seed }),
          input: flags.input,
          metrics: flags['no-metrics'] ? 'none' : names.length > 0 ? names : 'all',
          record: !flags['no-note'],
          timeout: flags.timeout,
          dryRun: io.dryRun,
        },
        { signal: stop.signal, onReady: progress.ready, onEvent: progress.event },
      );
      progress.end();
      return await print(io, out, stop.signal.aborted);
    } finally {
      progress.end();
      stop.done();
    }
  },
});

async function print(io: Io, out: RunOutcome, isStopped: boolean): Promise<number> {
  const { adviceFor } = await import('../../src/porcelain/validate.ts');
  io.result('cwf.run/1', runJson(out), () => {
    if (out.kind === 'invalid') printFindings(io, out.findings, adviceFor);
    else printRun(io, out);
  });
  const { error } = out.kind === 'planned' ? {} : out;
  if (!error) return 0;
  if (io.mode === 'text' || io.mode === 'porcelain') {
    io.note(`error: ${safe(error.message)}`);
    io.note(`hint: ${safe(error.hint)}`);
  }
  return isStopped && out.kind === 'ran' && out.note.kind === 'interrupted' ? 130 : error.exit;
}

function readPair(text: string): { address: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new CwfError('USAGE', { command: 'run', reason: `--set: ${text} is no <node>.<input>=<value>` });
  return { address: text.slice(0, at), value: text.slice(at + 1) };
}

function readSeed(text: string | undefined): bigint | 'random' | undefined {
  if (text === undefined || text === 'random') return text;
  if (!/^\d{1,20}$/.test(text))
    throw new CwfError('USAGE', { command: 'run', reason: `--seed: ${text} is neither a whole number nor random` });
  return BigInt(text);
}

/** A signal that Ctrl-C gives; the second one ends the program as if nobody listened. */
function stopSignal(): { readonly signal: AbortSignal; done(): void } {
  const stop = new AbortController();
  const done = () => {
    process.off('SIGINT', heard);
    process.off('SIGTERM', heard);
  };
  const heard = () => {
    done();
    stop.abort();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return { signal: stop.signal, done };
}
