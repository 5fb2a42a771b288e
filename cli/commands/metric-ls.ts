import type { ListedMetric } from '../../src/porcelain/metric-list.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { count } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'metric ls',
  summary: 'List the metrics and which of them can be measured here',
  description:
    'Of each metric: id and aliases, direction, range and unit, what it needs and what it means. One that cannot be measured here says why, and what to do.',
  examples: [
    ['All of them', 'cwf metric ls'],
    ['What sharpness is', 'cwf metric ls sharpness'],
    ['Those that can be measured here', 'cwf metric ls --porcelain | grep -P "\\tavailable$"'],
  ],
  paged: true,
  streams: true,
  args: { metrics: { description: 'ids or aliases; all without any', multiple: true } },
  async run({ args }, io) {
    const { listMetrics } = await import('../../src/porcelain/metric-list.ts');
    const out = await listMetrics(
      { metrics: args.metrics },
      { cwd: io.cwd, env: io.env, open: () => io.open({ lazyCatalog: true }) },
    );
    if (io.mode === 'jsonl') {
      for (const metric of out.metrics) io.json({ schema: 'cwf.metric.ls/1', ...metric });
      return;
    }
    io.result('cwf.metric.ls/1', out, () => {
      for (const metric of out.metrics) {
        if (io.mode === 'porcelain') io.print(scriptLine(metric));
        else printMetric(io, metric);
      }
      if (io.mode === 'porcelain') return;
      const missing = out.metrics.filter(({ unavailable }) => unavailable).length;
      io.note(`${count(out.metrics.length, 'metric')}, ${missing} of them not available here`);
      if (out.videos) io.note(`videos cannot be measured: ${out.videos.reason}. ${out.videos.hint}`);
      if (missing > 0) io.note(`models are looked for in ${out.folders.join(', ')}`);
    });
  },
});

function scriptLine({ id, aliases, direction, range, unit, needs, unavailable }: ListedMetric): string {
  const ends = range.map((end) => end ?? '');
  return [id, aliases.join(','), direction, ...ends, unit, needs.join(','), unavailable ? 'unavailable' : 'available']
    .map((part) => safe(String(part)))
    .join('\t');
}

function printMetric(io: Io, metric: ListedMetric): void {
  const { color } = io;
  const { id, aliases, direction, range, unit, needs, summary, unavailable } = metric;
  const spread = range.includes(null) ? 'any number' : range.join(' to ');
  const names = aliases.length > 0 ? `${color.bold(id)} (${aliases.join(', ')})` : color.bold(id);
  io.print(`${names}  ${direction}, ${spread} ${unit}; needs ${needs.join(', ')}`);
  io.print(color.dim(`    ${summary}`));
  if (unavailable)
    io.print(`    ${color.yellow('unavailable')}: ${safe(unavailable.reason)}. ${safe(unavailable.hint)}`);
}
