import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blame } from '../../src/porcelain/blame.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { type Context, openContext } from '../../src/porcelain/context.ts';
import { init } from '../../src/porcelain/init.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';
import { git } from '../programs.ts';

const FILE = 'typical.json';
const COMMITS = 1_000;
/** Commits before the clock counts: the engine compiles what runs often. */
const WARM = 100;
const IN_A_ROW = 5;
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.org',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.org',
};

/** What the repository costs beside git's own commands on the same files, in the same rounds. */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  return [...(await commitFigures(ctx)), ...(await blameFigures(ctx))];
}

/**
 * One changed value of a 40 KB workflow, committed in this process with durable writes, and by git's two commands. The
 * process is warm, as that of a server, an optimizer or an agent is; its first commit is told too.
 */
async function commitFigures(bench: BenchContext): Promise<Figure[]> {
  const ours = await repository(bench);
  const theirs = bench.temp();
  git(theirs, 'init', '-q');
  const edit = editor(bench.root);
  let round = 0;
  const first: number[] = [];
  for (let warm = 0; warm < WARM; warm++) first.push(await commitOnce(ours, edit(++round)));
  const times = await interleaved(
    {
      cwf: () => mean(() => commitOnce(ours, edit(++round))),
      git: () =>
        mean(async () => {
          writeFileSync(join(theirs, FILE), edit(++round));
          return git(theirs, 'add', FILE) + git(theirs, 'commit', '-q', '-m', 'steps');
        }),
    },
    21,
  );
  const against = 'git add + git commit';
  const cold = { suite: 'repo', name: 'first commit of a process', unit: 'ms', against, bar: null };
  return [
    ratio('commit of a 40 KB workflow, durable', times, against, 0.3),
    figure({ ...cold, value: first[0] ?? Number.NaN }),
  ];
}

/** Mean of a few runs in a row: as work comes, and no side pays each time for the caches the other one took. */
async function mean(once: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let run = 0; run < IN_A_ROW; run++) sum += await once();
  return sum / IN_A_ROW;
}

async function commitOnce(ctx: Context, text: string): Promise<number> {
  writeFileSync(join(ctx.repo.workDir, FILE), text);
  const started = performance.now();
  await commit.run(ctx, { message: 'steps' });
  return performance.now() - started;
}

/** Blame of every value over many one-value commits, each time with a repository opened anew. */
async function blameFigures(bench: BenchContext): Promise<Figure[]> {
  bench.note(`making ${COMMITS} commits`);
  const ctx = await repository(bench, '{ "durability": "normal" }');
  const dir = ctx.repo.workDir;
  const edit = editor(bench.root);
  for (let round = 1; round <= COMMITS; round++) {
    await commitOnce(ctx, edit(round));
  }
  const fresh = () => openContext({ cwd: dir, env: { ...process.env, ...IDENTITY } });
  const times = await interleaved(
    {
      cwf: async () => {
        const started = performance.now();
        await blame.run(await fresh(), { file: FILE });
        return performance.now() - started;
      },
      git: () => git(dir, 'blame', '-s', 'HEAD', '--', FILE),
    },
    7,
  );
  return [ratio(`blame of every value, ${COMMITS} commits`, times, 'git blame', 0.5)];
}

async function repository(bench: BenchContext, config?: string): Promise<Context> {
  const dir = bench.temp();
  const env = { ...process.env, ...IDENTITY };
  await init(dir, env);
  if (config !== undefined) writeFileSync(join(dir, '.cwfrc'), config);
  return openContext({ cwd: dir, env });
}

/** Returns the workflow with one value set to something new each round: the values take turns, as in real work. */
function editor(root: string): (round: number) => string {
  const text = readFileSync(join(root, 'bench/fixtures/typical-ui-workflow.json'), 'utf8');
  const workflow = JSON.parse(text) as { nodes: { widgets_values?: unknown }[] };
  const places = workflow.nodes.flatMap((node) => {
    const values = node.widgets_values;
    return Array.isArray(values)
      ? values.flatMap((value, at) => (typeof value === 'number' ? [{ values, at }] : []))
      : [];
  });
  return (round) => {
    const place = places[round % places.length];
    if (place) place.values[place.at] = round;
    return JSON.stringify(workflow, null, 2);
  };
}

function ratio(name: string, times: { cwf: number[]; git: number[] }, against: string, bar: number): Figure {
  const [ours, theirs] = [median(times.cwf), median(times.git)];
  const beside = `${against} (${theirs.toFixed(1)} ms; cwf ${ours.toFixed(1)} ms)`;
  return figure({ suite: 'repo', name, value: ours / theirs, unit: 'ratio', against: beside, bar });
}
