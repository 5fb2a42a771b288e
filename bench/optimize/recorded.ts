import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A median that was recorded of Optuna. */
export interface Recorded {
  /** `TPE 5.0`, `GP 4.9`, ... */
  readonly arm: string;
  readonly family: 'tpe' | 'gp';
  readonly value: number;
}

type Cell = { readonly rec?: readonly number[]; readonly hv?: readonly number[] };
type Document = Readonly<
  Record<'main' | 'fidelity' | 'transfer', Readonly<Record<string, Readonly<Record<string, Cell>>>>>
> & {
  readonly preference: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
};

/** What was recorded of Optuna on some problem after so many trials, comparisons or images. */
export type RecordedFigures = (problem: string, at: number) => readonly Recorded[];

/** Reads `optuna-results.json` beside the problems; without it nothing was recorded. */
export function readRecorded(problems: string): RecordedFigures | undefined {
  const file = join(dirname(problems), 'optuna-results.json');
  if (!existsSync(file)) return undefined;
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  const sections = [document.main, document.fidelity, document.transfer].flatMap((section) => Object.entries(section));
  return (problem, at) => [
    ...sections.flatMap(([key, cells]) => {
      const [version = '', name, arm = ''] = key.split('|');
      const cell = cells[String(at)];
      const value = cell?.rec?.[0] ?? (cell?.hv?.[0] === undefined ? undefined : 1 - cell.hv[0]);
      const family = arm.startsWith('tpe') ? 'tpe' : arm.startsWith('gp') ? 'gp' : undefined;
      if (name !== problem || !/^[45]/.test(version) || !family || arm.endsWith('!fail') || value === undefined)
        return [];
      return [{ arm: `${arm} ${version.slice(0, 3)}`, family, value } as const];
    }),
    ...Object.entries(document.preference).flatMap(([key, cells]) => {
      const value = cells[String(at)]?.[0];
      return key.split('|')[1] === problem && value !== undefined
        ? [{ arm: 'PreferentialGP', family: 'gp', value } as const]
        : [];
    }),
  ];
}
