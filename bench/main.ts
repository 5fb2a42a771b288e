import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchContext, BenchOptions, Figure, Suite } from './figure.ts';

/** The suites by name, in the order they run. */
const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  startup: () => import('./suites/startup.ts'),
  repo: () => import('./suites/repo.ts'),
  convert: () => import('./suites/convert.ts'),
  validate: () => import('./suites/validate.ts'),
  semantics: () => import('./suites/semantics.ts'),
  repair: () => import('./suites/repair.ts'),
  metrics: () => import('./suites/metrics.ts'),
  optimize: () => import('./suites/optimize.ts'),
  study: () => import('./suites/study.ts'),
  kills: () => import('./suites/kills.ts'),
  server: () => import('./suites/server.ts'),
};

const USAGE = `npm run bench -- [suite...] [--json] [--strict] [--fast]
suites: ${Object.keys(SUITES).join(', ')}
for optimize: [--problems <file>] [--seeds <n>] [--first-seed <k>] [--arms <name,...>]
`;

/**
 * `npm run bench -- [suite...] [--json] [--strict]`: prints one line per figure. A missed bar is told, not an error,
 * unless --strict is given. Returns the exit code. For `optimize`: `--problems <file>`, `--seeds <n>`,
 * `--first-seed <k>`, `--arms <name,...>`, and `--fast`, which is taken when no suite is named.
 */
export async function main(argv: readonly string[], root: string): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const known = {
    json: flag,
    strict: flag,
    fast: flag,
    help: flag,
    problems: text,
    seeds: text,
    'first-seed': text,
    arms: text,
  };
  let parsed: ReturnType<typeof parseArgs<{ options: typeof known; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options: known, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const unknown = positionals.filter((name) => !(name in SUITES));
  if (unknown.length > 0) {
    process.stderr.write(`no suite ${unknown.join(', ')}\n${USAGE}`);
    return 2;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const options: BenchOptions = {
    ...(values.problems === undefined ? {} : { problems: values.problems }),
    ...(values.seeds === undefined ? {} : { seeds: Number(values.seeds) }),
    ...(values['first-seed'] === undefined ? {} : { firstSeed: Number(values['first-seed']) }),
    ...(values.arms === undefined ? {} : { arms: values.arms.split(',') }),
    isFast: values.fast === true || positionals.length === 0,
  };
  let missed = 0;
  for (const name of names) {
    for (const figure of await runSuite(name, root, options)) {
      process.stdout.write(`${values.json ? JSON.stringify(figure) : line(figure)}\n`);
      if (!figure.ok) missed++;
    }
  }
  return values.strict && missed > 0 ? 1 : 0;
}

async function runSuite(name: string, root: string, options: BenchOptions): Promise<Figure[]> {
  const folders: string[] = [];
  const ctx: BenchContext = {
    root,
    options,
    temp() {
      const folder = mkdtempSync(join(tmpdir(), 'cwf-bench-'));
      folders.push(folder);
      return folder;
    },
    note: (text) => void process.stderr.write(`${name}: ${text}\n`),
  };
  try {
    const suite = await (SUITES[name] as () => Promise<Suite>)();
    return await suite.figures(ctx);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

function line({ suite, name, value, unit, against, bar, ok }: Figure): string {
  const mark = bar === null ? '      ' : ok ? 'ok    ' : 'MISSED';
  const goal = bar === null ? '' : ` (bar ${bar})`;
  return `${mark} ${suite.padEnd(9)} ${name.padEnd(44)} ${String(value).padStart(9)} ${unit}${goal}, against ${against}`;
}
