import { CwfError } from '../../src/base/errors.ts';
import type { OptimizeInput } from '../../src/porcelain/optimize.ts';
import { defineCommand } from '../command.ts';
import { noteBest, printStudy, studyJson } from '../output/study.ts';
import { openStudyView } from '../output/study-board.ts';
import { readAmount, STOPPED, stopSignals } from '../run-flags.ts';

const commas = (lists: readonly string[]): string[] =>
  lists.flatMap((list) => list.split(',').map((word) => word.trim())).filter((word) => word !== '');

export const command = defineCommand({
  name: 'optimize',
  summary: 'Search the parameters of a workflow for better ones',
  description:
    'A study of a committed workflow: each trial is a commit on its version with the edits of one point, with its runs, its numbers and how it ended in notes, named trial/<study>/<number> wherever a revision is taken. The first trial is the workflow as it is; the next points are chosen from what was measured. Ctrl-C ends it after the trial that runs, a second one interrupts that as well; either way nothing is lost and `cwf exp resume` goes on with the same points. No working file and no branch changes: `cwf exp apply` does that. docs/studies.md tells more.',
  examples: [
    ['Sharper, in 20 trials', 'cwf optimize portrait.json --objective sharpness:max --budget 20'],
    ['A goal instead of a metric', 'cwf optimize portrait.json --for speed --budget 30 --minutes 60'],
    ['Two at once, within 8 GB', 'cwf optimize HEAD --objective sharpness:max,latency:min --vram 8GB --budget 60'],
    [
      'One number out of two, within limits',
      'cwf optimize HEAD --objective sharpness:max:2,latency:min:1 --limit latency:10s,vram:8GB --budget 60',
    ],
    [
      'Nine seeds for the best, one for the others',
      'cwf optimize HEAD --objective aesthetic-v2:max --repeats 9 --pruner asha --budget 30',
    ],
    [
      'Some parameters alone',
      'cwf optimize portrait.json --objective sharpness:max --only cfg,steps --fix sampler=euler --budget 30',
    ],
    ['By eye: say which is better with cwf rank', 'cwf optimize portrait.json --objective preference --budget 40'],
    ['What would be done', 'cwf optimize portrait.json --for speed --budget 30 --dry-run'],
  ],
  mutates: true,
  streams: true,
  args: {
    what: { description: 'working file, revision or <revision>:<file>; HEAD by default', complete: 'revision' },
  },
  flags: {
    for: {
      type: 'string',
      multiple: true,
      value: 'goal',
      description: 'what is good, and so what is varied: quality, speed or vram; several as a,b or weighed as a:2,b',
    },
    objective: {
      type: 'string',
      multiple: true,
      value: 'name:max|min',
      description:
        'a metric, latency, vram, file-size or preference (yours); also as a,b; name:max:2 weighs them into one utility',
    },
    budget: { type: 'integer', min: 1, value: 'trials', description: 'trials in all' },
    minutes: { type: 'integer', min: 1, value: 'minutes', description: 'begin no trial after so long' },
    space: { type: 'string', value: 'file', complete: 'file', description: 'a space file instead of what is found' },
    with: { type: 'string', multiple: true, value: 'input', description: 'vary this input, too: <node>.<input>' },
    only: { type: 'string', multiple: true, value: 'names', description: 'vary these parameters alone, also as a,b' },
    fix: { type: 'string', multiple: true, value: 'name=value', description: 'hold a parameter at a value' },
    vram: { type: 'string', value: 'size', description: 'the memory a trial may use, such as 8GB' },
    limit: {
      type: 'string',
      multiple: true,
      value: 'name:value',
      description: 'what a trial must hold: latency:10s, vram:8GB, "noise-sigma:<=0.3"; also as a,b',
    },
    sampler: {
      type: 'string',
      value: 'name',
      description: 'random, lhs, sobol, grid, tpe or gp; by default what fits',
    },
    pruner: {
      type: 'string',
      value: 'name',
      description: 'median stops a trial between its repeats; asha and hyperband give the best ones more',
    },
    fidelity: {
      type: 'string',
      options: ['images', 'resolution', 'steps'],
      description: 'what trials are given less of at first: repeats, pixels or steps',
    },
    repeats: {
      type: 'integer',
      min: 1,
      max: 100,
      value: 'runs',
      description: 'runs of each trial, each with its seed',
    },
    seed: { type: 'integer', min: 0, value: 'number', description: 'of the choice of points; 0 by default' },
    name: {
      type: 'string',
      value: 'study',
      description: 'name of the study; by default that of the file and a number',
    },
    on: { type: 'string', multiple: true, value: 'runner', description: 'run on this one of .cwfrc, or on an address' },
    hosts: { type: 'string', multiple: true, value: 'runners', description: 'the same, as a,b' },
    input: { type: 'string', value: 'dir', description: 'folder that pictures are loaded from; input/ by default' },
    file: { type: 'string', value: 'path', description: 'the workflow, where a commit has several', complete: 'file' },
    money: { type: 'string', value: 'amount', description: 'run nodes that cost money, too, for so much in all' },
    'cost-per-run': { type: 'string', value: 'amount', description: 'what a run of such nodes costs' },
    cold: { type: 'boolean', description: 'without what earlier studies know' },
  },
  async run({ args, flags }, io) {
    if (flags.budget === undefined)
      throw new CwfError('USAGE', { command: 'optimize', reason: 'say how many trials at most: --budget <trials>' });
    const input: OptimizeInput = {
      what: args.what,
      file: flags.file,
      goals: commas(flags.for),
      objectives: commas(flags.objective),
      space: flags.space,
      also: flags.with,
      ...(flags.only.length > 0 ? { only: commas(flags.only) } : {}),
      fix: flags.fix.map(readFix),
      budget: flags.budget,
      minutes: flags.minutes,
      vram: flags.vram,
      limits: commas(flags.limit),
      sampler: flags.sampler,
      pruner: flags.pruner,
      fidelity: flags.fidelity,
      repeats: flags.repeats,
      seed: flags.seed,
      name: flags.name,
      hosts: [...flags.on, ...commas(flags.hosts)],
      input: flags.input,
      money: readAmount('optimize', '--money', flags.money),
      costPerRun: readAmount('optimize', '--cost-per-run', flags['cost-per-run']),
      cold: flags.cold,
      dryRun: io.dryRun,
    };
    const ctx = await io.open();
    const { isLuckPossible } = await import('../../src/porcelain/exp-confirm.ts');
    const { optimizeWorkflow } = await import('../../src/porcelain/optimize.ts');
    const stop = stopSignals();
    const view = await openStudyView(io, stop);
    try {
      const out = await optimizeWorkflow(ctx, input, view.watch);
      view.clear();
      if (out.status !== 'planned') {
        io.result('cwf.optimize/1', studyJson(out), () => printStudy(io, out));
        await io.end();
        if (io.mode === 'text') noteBest(io, out, await isLuckPossible(ctx, out));
      } else io.result('cwf.optimize/1', studyJson(out), () => io.note('nothing was run'));
      return stop.signal.aborted ? STOPPED : undefined;
    } finally {
      view.leave();
      stop.done();
    }
  },
});

function readFix(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new CwfError('USAGE', { command: 'optimize', reason: `--fix: ${text} is no <name>=<value>` });
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}
