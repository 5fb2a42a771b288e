import type { ListedRun } from '../../../src/porcelain/run-list.ts';

/** A time as people say it: `350 ms`, `1.2 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A size as people say it: `1.4 MB`. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [size, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** A number with as many digits as one reads. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(5)));
}

/** The sign and the colour of how a run ended: a word stands beside them. */
export function stateOf(kind: string): { readonly sign: string; readonly tone: 'added' | 'changed' | 'removed' } {
  if (kind === 'finished') return { sign: '✓', tone: 'added' };
  if (kind === 'failed' || kind === 'out-of-memory' || kind === 'refused') return { sign: '✗', tone: 'removed' };
  return { sign: '!', tone: 'changed' };
}

/** The seeds of a run, each once. */
export function seedText({ seeds }: Pick<ListedRun, 'seeds'>): string {
  return [...new Set(seeds.map(({ value }) => String(value)))].join(', ');
}

/** Runs that ended the same wrong way. */
export interface Fault {
  /** `CLIPTextEncode: RuntimeError`, or how the run ended where no node is to blame. */
  readonly name: string;
  readonly message: string;
  readonly runs: readonly ListedRun[];
}

/** Groups what went wrong by node class and exception, the most frequent first. */
export function faultsOf(runs: readonly ListedRun[]): readonly Fault[] {
  const groups = new Map<string, ListedRun[]>();
  for (const run of runs) {
    if (run.kind === 'finished') continue;
    const { classType, type } = run.error ?? {};
    const name = [classType, type].filter(Boolean).join(': ') || run.kind;
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  return [...groups]
    .map(([name, all]) => ({ name, message: all[0]!.error?.message ?? all[0]!.kind, runs: all }))
    .sort((a, b) => b.runs.length - a.runs.length);
}
