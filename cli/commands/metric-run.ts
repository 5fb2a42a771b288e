import type { MetricRunOutput } from '../../src/porcelain/metric-run.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { short } from '../output/commits.ts';
import { printMeasured, scriptLines } from '../output/measured.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'metric run',
  summary: 'Measure images and videos, and note the numbers on a commit',
  description:
    'Prints one row a metric and one column a file, then what cannot be measured, with the reason and the next step, and the gates that a file fails (black, one colour, burnt out, a duplicate of a file named before it). PNG, JPEG, WebP and GIF; videos through the ffmpeg of .cwfrc. Works in a repository or not. Exit code 1 when a metric that was named, or all of them, cannot be measured of a file; a file that cannot be read has the exit code of its error.',
  examples: [
    ['All that needs nothing but the image', 'cwf metric run out.png'],
    ['Two numbers of many files, for a script', 'cwf metric run --metric sharpness,noise-sigma --jsonl output/*.png'],
    ['Against another image', 'cwf metric run new.png --compare old.png'],
    ['How well it fits the prompt', 'cwf metric run out.png --metric clip-score --prompt "a red fox"'],
    ['Onto a commit, for `cwf log --metric sharpness`', 'cwf metric run out.png --note HEAD'],
  ],
  mutates: true,
  streams: true,
  args: { files: { description: 'images or videos', required: true, multiple: true, complete: 'file' } },
  flags: {
    metric: { type: 'string', multiple: true, value: 'names', description: 'ids or aliases, also as a,b' },
    compare: { type: 'string', value: 'image', description: 'the image to compare with', complete: 'file' },
    set: {
      type: 'string',
      multiple: true,
      value: 'image',
      description: 'an image that the files belong beside; give several',
      complete: 'file',
    },
    prompt: { type: 'string', value: 'text', description: 'the text that fed the sampler' },
    note: {
      type: 'string',
      value: 'commit',
      description: 'note the numbers of the one file on this commit',
      complete: 'revision',
    },
  },
  async run({ args, flags }, io) {
    const { measureFiles } = await import('../../src/porcelain/metric-run.ts');
    const names = flags.metric.flatMap((list) => list.split(',').map((name) => name.trim()));
    const out = await measureFiles(
      {
        files: args.files,
        ...(flags.metric.length > 0 ? { metrics: names } : {}),
        compare: flags.compare,
        set: flags.set,
        prompt: flags.prompt,
        note: flags.note,
        dryRun: io.dryRun,
      },
      { cwd: io.cwd, env: io.env, open: () => io.open({ lazyCatalog: true }) },
    );
    print(io, out, flags.note !== undefined);
    return exitOf(out, flags.metric.length > 0);
  },
});

function print(io: Io, out: MetricRunOutput, isToNote: boolean): void {
  const files = out.files.map(({ error, ...file }) => ({
    ...file,
    ...(error ? { error: { ...error.toJSON().error, message: error.message } } : {}),
  }));
  if (io.mode === 'jsonl') {
    for (const file of files) io.json({ schema: 'cwf.metric.run/1', ...file });
    if (out.noted) io.json({ schema: 'cwf.metric.noted/1', ...out.noted });
    return;
  }
  io.result('cwf.metric.run/1', { ...out, files }, () => {
    if (io.mode === 'porcelain') {
      for (const line of scriptLines(out)) io.print(line);
      return;
    }
    printMeasured(io, out);
    const { noted } = out;
    if (!noted) {
      if (isToNote) io.note('there is no number to note');
      return;
    }
    const what = io.dryRun ? 'would be noted on' : 'noted on';
    io.note(`${noted.facts.length} numbers ${what} ${short(noted.oid)}  ${safe(noted.subject)}`);
  });
}

/** The exit code of the first file that could not be read; 1 where a number that was asked for is missing. */
function exitOf({ files }: MetricRunOutput, isAsked: boolean): number {
  const broken = files.find(({ error }) => error);
  if (broken) return broken.error!.exit;
  const isMissing = files.some(({ measurements }) => {
    const values = measurements.filter(({ kind }) => kind === 'value').length;
    return isAsked ? values < measurements.length : values === 0;
  });
  return isMissing ? 1 : 0;
}
