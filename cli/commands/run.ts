import { CwfError, isCwfError } from '../../src/base/errors.ts';
import type { Context } from '../../src/porcelain/context.ts';
import type { RunInput, RunOutcome } from '../../src/porcelain/run.ts';
import type { RunAllInput } from '../../src/porcelain/run-all.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { count } from '../output/commits.ts';
import { printFindings } from '../output/diagnostics.ts';
import { noteRun, printRun, runJson } from '../output/run.ts';
import { allJson, doneLine, noteAll, printAll } from '../output/run-all.ts';
import { openProgress } from '../output/run-progress.ts';
import { safe } from '../output/safe.ts';
import { readPair, readSeed, STOPPED, stopSignal } from '../run-flags.ts';

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
    ['Every branch below trial/, over all servers of .cwfrc', "cwf run --all 'trial/*'"],
    ['Would it run?', 'cwf run --dry-run'],
  ],
  mutates: true,
  streams: true,
  args: {
    what: {
      description: 'revision, <revision>:<file>, or a working file; HEAD by default',
      multiple: true,
      complete: 'revision',
    },
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
    all: { type: 'boolean', description: "run many: revisions, a..b, patterns of branches and tags such as 'trial/*'" },
    again: { type: 'boolean', description: 'with --all: also what has a finished run of the same prompt' },
    'allow-secrets': { type: 'boolean', description: 'take values of --set that look like keys or passwords' },
    'no-metrics': { type: 'boolean', description: 'measure nothing' },
    'no-note': { type: 'boolean', description: 'note nothing; outputs are kept all the same' },
    timeout: { type: 'integer', min: 1, value: 'seconds', description: 'interrupt the run after so long' },
  },
  async run({ args, flags }, io) {
    const usage = (reason: string) => new CwfError('USAGE', { command: 'run', reason });
    if (!flags.all && args.what.length > 1) throw usage('one workflow is run; for many say --all');
    if (flags.all && args.what.length === 0) throw usage("--all: name revisions, or a pattern such as 'trial/*'");
    if (flags.again && !flags.all) throw usage('--again belongs to --all; one workflow is always run');
    if (flags['no-metrics'] && flags.metric.length > 0) throw usage('--metric and --no-metrics exclude each other');
    const seed = readSeed('run', flags.seed);
    const names = flags.metric.flatMap((list) => list.split(',').map((name) => name.trim()));
    const input = {
      file: flags.file,
      on: flags.on,
      set: flags.set.map((text) => readPair('run', text)),
      ...(seed === undefined ? {} : { seed }),
      input: flags.input,
      allowSecrets: flags['allow-secrets'],
      metrics: flags['no-metrics'] ? ('none' as const) : names.length > 0 ? names : ('all' as const),
      record: !flags['no-note'],
      timeout: flags.timeout,
      dryRun: io.dryRun,
    };
    const ctx = await io.open();
    const stop = stopSignal();
    try {
      return flags.all
        ? await runMany(io, ctx, { ...input, what: args.what, again: flags.again }, stop.signal)
        : await runOne(io, ctx, { ...input, what: args.what[0] }, stop.signal);
    } catch (error) {
      // Stopped before anything was sent.
      const isStop = isCwfError(error, 'RUN_STOPPED', 'RUNNER_UNREACHABLE', 'RUNNER_ANSWER');
      if (stop.signal.aborted && isStop) return STOPPED;
      throw error;
    } finally {
      stop.done();
    }
  },
});

async function runOne(io: Io, ctx: Context, input: RunInput, signal: AbortSignal): Promise<number> {
  const { runWorkflow } = await import('../../src/porcelain/run.ts');
  const progress = await openProgress(io);
  try {
    const out = await runWorkflow(ctx, input, { signal, onReady: progress.ready, onEvent: progress.event });
    progress.end();
    return await print(io, out, signal.aborted);
  } finally {
    progress.end();
  }
}

async function runMany(io: Io, ctx: Context, input: RunAllInput, signal: AbortSignal): Promise<number> {
  const { runCommits } = await import('../../src/porcelain/run-all.ts');
  const isLines = io.mode === 'jsonl';
  let left = 0;
  const out = await runCommits(ctx, input, {
    signal,
    onReady(number, runners) {
      left = number;
      if (!isLines) io.note(`${count(number, 'run')} on ${runners.map(safe).join(', ')}`);
    },
    onEvent(entry, runner, event) {
      if (!isLines || event.kind === 'preview') return;
      io.json({ schema: 'cwf.run.event/1', commit: entry.commit, runner, ...event });
    },
    onDone(entry) {
      left--;
      if (isLines) io.json({ schema: 'cwf.run.done/1', ...allJson(entry) });
      else io.note(`${doneLine(entry)}${left > 0 ? `, ${left} to go` : ''}`);
    },
  });
  const entries = out.entries.map(allJson);
  if (isLines) for (const entry of entries) io.json({ schema: 'cwf.run.all/1', ...entry });
  else io.result('cwf.run.all/1', { entries }, () => printAll(io, out, input.metrics));
  await io.end();
  if (io.mode === 'text' || io.mode === 'porcelain') noteAll(io, out);
  if (signal.aborted) return STOPPED;
  return out.entries.find(({ error }) => error)?.error?.exit ?? 0;
}

async function print(io: Io, out: RunOutcome, isStopped: boolean): Promise<number> {
  const { adviceFor } = await import('../../src/porcelain/validate.ts');
  io.result('cwf.run/1', runJson(out), () => {
    if (out.kind === 'invalid') printFindings(io, out.findings, adviceFor);
    else printRun(io, out);
  });
  // What was printed goes out before what is said of it.
  await io.end();
  const isText = io.mode === 'text' || io.mode === 'porcelain';
  if (out.kind === 'ran' && isText) noteRun(io, out);
  const { error } = out.kind === 'planned' ? {} : out;
  if (!error) return 0;
  if (isText) {
    io.note(`error: ${safe(error.message)}`);
    io.note(`hint: ${safe(error.hint)}`);
  }
  return isStopped && out.kind === 'ran' && out.note.kind === 'interrupted' ? STOPPED : error.exit;
}
