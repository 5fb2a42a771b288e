import type { BlamedCommit, BlameLine } from '../../src/porcelain/blame.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { date, short } from '../output/commits.ts';
import { clip, pad, safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'blame',
  summary: 'Show which commit set each value',
  description: 'For every node, value and link of a workflow: the last commit that set it, through merges.',
  examples: [
    ['A whole workflow', 'cwf blame portrait.json'],
    ['One input', 'cwf blame portrait.json --input 3.steps'],
    ['As of an older commit', 'cwf blame portrait.json HEAD~5'],
  ],
  paged: true,
  args: {
    file: { description: 'workflow file', required: true, complete: 'file' },
    rev: { description: 'commit; HEAD when absent', complete: 'revision' },
  },
  flags: { input: { type: 'string', char: 'i', value: 'address', description: 'only this input, e.g. 3.steps' } },
  async run({ args, flags }, io) {
    const ctx = await io.open();
    const { blame } = await import('../../src/porcelain/blame.ts');
    const out = await blame.run(ctx, { file: args.file, rev: args.rev, input: flags.input });
    io.result('cwf.blame/1', out, () => {
      const commits = new Map(out.commits.map((commit) => [commit.oid, commit]));
      if (io.mode === 'porcelain') {
        for (const { pointer, commit, text } of out.lines) io.print(`${commit}\t${safe(pointer)}\t${safe(text)}`);
        return;
      }
      let label: string | undefined;
      for (const [i, line] of out.lines.entries()) {
        const commit = commits.get(line.commit)!;
        const head = clip(line.label, HEAD_WIDTH);
        if (line.part === 'node') {
          if (i > 0) io.print();
          io.print(`${io.color.bold(pad(head, HEAD_WIDTH))} ${owner(io, commit, HEAD_WIDTH + 1)}`);
        } else {
          if (line.label !== label) io.print(io.color.bold(head));
          io.print(`  ${cellsOf(line)} ${owner(io, commit, HEAD_WIDTH + 1)}`);
        }
        label = line.label;
      }
    });
  },
});

const NAME_WIDTH = 16;
const VALUE_WIDTH = 22;
/** A node's name takes the place of two blanks, name, value, and a blank between. */
const HEAD_WIDTH = NAME_WIDTH + VALUE_WIDTH + 3;
const WHO_WIDTH = 14;

/** `steps            30                    `. */
function cellsOf({ part, input, text, value: set }: BlameLine): string {
  const name = clip(part === 'mode' ? 'mode' : (input ?? ''), NAME_WIDTH);
  // The node it comes from has its own lines: id and output are enough.
  const link = `<- ${(set as { from?: string } | null)?.from}${text.slice(text.lastIndexOf('.'))}`;
  const value = clip(part === 'link' ? link : text, VALUE_WIDTH);
  return `${pad(name, NAME_WIDTH)} ${pad(value, VALUE_WIDTH)}`;
}

/** `d9eaff27 2026-11-25 agent/tuner    smoother skin`: the rest of the line, from a column on. */
function owner({ color, columns }: Io, commit: BlamedCommit, from: number): string {
  const { oid, author, actor, subject } = commit;
  const who = clip(actor === undefined || actor === 'person' ? author.name : actor, WHO_WIDTH);
  const room = Math.max(columns, 100) - from - 8 - 11 - WHO_WIDTH - 2;
  const rest = color.dim(clip(subject, room));
  return `${color.yellow(short(oid))} ${date(author).slice(0, 10)} ${pad(who, WHO_WIDTH)} ${rest}`.trimEnd();
}
