import type { LogEntry } from '../../src/porcelain/log.ts';
import { defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { fileLine } from '../output/changes.ts';
import { date, short } from '../output/commits.ts';
import { clip, safe } from '../output/safe.ts';

export const command = defineCommand({
  name: 'log',
  summary: 'List commits, newest first',
  examples: [
    ['The last five, a line each', 'cwf log -n 5 --oneline'],
    ['What changed one workflow', 'cwf log --stat -- portrait.json'],
    ['With a metric noted on each commit', 'cwf log --metric sharpness'],
    ['Who changed the steps of node 3', 'cwf log --input 3.steps -- portrait.json'],
    ['The five sharpest, on whatever branch', 'cwf log --metric sharpness --sort desc -n 5'],
    ['What agents did on a branch', 'cwf log main..trial/flux --actor agent'],
  ],
  paged: true,
  streams: true,
  args: { range: { description: 'revision, or <a>..<b>', complete: 'revision' } },
  rest: 'files or folders',
  flags: {
    all: { type: 'boolean', description: 'from every branch, tag and remote branch' },
    input: {
      type: 'string',
      value: 'address',
      description: 'only commits that changed this node, or this input of it',
    },
    limit: { type: 'integer', char: 'n', min: 0, value: 'count', description: 'most commits to list' },
    skip: { type: 'integer', min: 0, value: 'count', description: 'leave out so many first' },
    stat: { type: 'boolean', description: 'count the edits of each file' },
    oneline: { type: 'boolean', description: 'one line per commit' },
    metric: { type: 'string', multiple: true, value: 'name', description: 'show this metric of each commit' },
    sort: { type: 'string', options: ['asc', 'desc'], description: 'by that metric, over all branches' },
    author: { type: 'string', value: 'text', description: 'only commits of this person (part of name or address)' },
    actor: {
      type: 'string',
      value: 'actor',
      description: 'only commits of this actor: person, agent, agent/<name> ...',
    },
    grep: { type: 'string', value: 'text', description: 'only commits whose message holds this text' },
  },
  async run({ args, flags, rest }, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { log } = await import('../../src/porcelain/log.ts');
    const { author, actor, grep, stat, metric: metrics, limit, skip, sort, all, input } = flags;
    const out = await log.run(ctx, {
      range: args.range,
      all,
      input,
      files: rest,
      limit,
      skip,
      author,
      actor,
      grep,
      stat,
      metrics,
      sort,
    });
    if (io.mode === 'jsonl') {
      for (const commit of out.commits) io.json({ schema: 'cwf.log/1', ...commit });
      return;
    }
    io.result('cwf.log/1', out, () => {
      if (io.mode === 'porcelain') for (const commit of out.commits) io.print(scriptLine(commit, metrics));
      else printLog(io, out.commits, metrics, flags.oneline);
    });
    if (out.commits.length === 0) {
      const born = (await ctx.repo.head()).oid !== undefined;
      const fits = rest.length > 0 ? `No commit fits; are the names right? ${rest.join(' ')}` : 'No commit fits';
      io.note(born ? fits : 'No commit yet; make one with `cwf commit`');
    }
  },
});

function scriptLine(commit: LogEntry, metrics: readonly string[]): string {
  const { oid, parents, author, actor, op, subject } = commit;
  const values = metrics.map((name) => commit.metrics?.[name] ?? '');
  return [oid, parents.join(' '), author.timestamp, author.name, actor ?? '', op ?? '', ...values, subject]
    .map((part) => safe(String(part)))
    .join('\t');
}

function printLog(io: Io, commits: readonly LogEntry[], metrics: readonly string[], oneline: boolean): void {
  const { color } = io;
  const columns = metrics.map((name) => {
    const values = commits.map((commit) => number(commit.metrics?.[name]));
    return { name, values, width: Math.max(name.length, ...values.map((value) => value.length)) };
  });
  if (columns.length > 0 && commits.length > 0) {
    io.print(
      color.dim(
        `${'commit'.padEnd(10)}${columns.map(({ name, width }) => `${safe(name).padStart(width)}  `).join('')}subject`,
      ),
    );
  }
  commits.forEach((commit, row) => {
    const refs = commit.refs.length > 0 ? `${color.cyan(`(${commit.refs.map(safe).join(', ')})`)} ` : '';
    const cells = columns.map(({ values, width }) => `${values[row]!.padStart(width)}  `).join('');
    io.print(`${color.yellow(short(commit.oid))}  ${cells}${refs}${safe(commit.subject)}`);
    if (!oneline) io.print(color.dim(`          ${byline(commit)}`));
    for (const file of commit.stat ?? []) io.print(`        ${fileLine(io, file)}`);
  });
}

/** `2026-11-25 21:04 +0100  Ada Lovelace, set by agent/tuner`. */
function byline({ author, actor, op }: LogEntry): string {
  const who = actor === undefined || actor === 'person' ? '' : ` by ${actor}`;
  const what = op === undefined ? ', plain git' : op === 'commit' ? who && `, committed${who}` : `, ${op}${who}`;
  return `${date(author)}  ${clip(author.name, 40)}${safe(what)}`;
}

function number(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(6)));
}
