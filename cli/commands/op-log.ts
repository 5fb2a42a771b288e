import type { LoggedOperation } from '../../src/porcelain/op.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { date } from '../output/commits.ts';
import { safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'op log',
  summary: 'List every change of the repository',
  examples: [['The last ten', 'cwf op log -n 10']],
  paged: true,
  flags: {
    number: { type: 'integer', char: 'n', min: 1, default: 30, description: 'how many' },
    from: { type: 'string', value: 'id', description: 'go on with this operation, the `next` of a list in JSON' },
  },
  async run({ flags }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { opLog } = await import('../../src/porcelain/op.ts');
    const out = await opLog.run(ctx, { limit: flags.number, from: flags.from });
    io.result('cwf.op-log/1', out, () => {
      for (const operation of out.operations) io.print(lineOf(io, operation));
    });
  },
});

/** `e66442e0 2026-11-25 23:37 +0000  undo 9c1f0a22 by person: main, portrait.json`. */
function lineOf({ color, mode }: Io, operation: LoggedOperation): string {
  const { id, time, command, actor, undone, refs, files, undoes, redoes } = operation;
  if (mode === 'porcelain')
    return [id, time, actor, undone ? 'undone' : 'done', command].map(String).map(safe).join('\t');
  const when = date({ timestamp: Math.floor(time / 1000), offset: 0 - new Date(time).getTimezoneOffset() });
  const about = (undoes ?? redoes)?.slice(0, 8);
  const what = about === undefined ? safe(command) : `${safe(command)} ${color.yellow(about)}`;
  const touched = [
    ...refs.map(({ ref }) => ref.replace(/^refs\/(heads|tags)\//, '')),
    ...files.map(({ path }) => path),
  ];
  const shown = touched.slice(0, 4).map(safe).join(', ');
  const more = touched.length > 4 ? ` and ${touched.length - 4} more` : '';
  const line = `${color.yellow(id.slice(0, 8))} ${color.dim(when)}  ${what} ${color.dim(`by ${safe(actor)}: ${shown}${more}`)}`;
  return undone ? `${line} ${color.red('(undone)')}` : line;
}
