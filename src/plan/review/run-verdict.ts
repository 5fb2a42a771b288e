/** What a number says of the better of two runs; `none` for one that describes and does not judge. */
export type Judges = 'maximize' | 'minimize' | 'none';

/** A number of the run before a change and of the one after it. */
export interface NumberChange {
  readonly metric: string;
  readonly before?: number;
  readonly after?: number;
  /** `changed` where no direction is the good one; absent where one side has no number. */
  readonly verdict?: 'better' | 'worse' | 'same' | 'changed';
}

/** How one run ended, as far as a check judges it. `planned`: it would be sent. */
export interface SideOutcome {
  readonly kind: string;
  /** Why it did not finish, or was not sent. */
  readonly reason?: string;
  /** Signs that what it left is broken. */
  readonly gates?: readonly string[];
}

/** Numbers that are nearer to each other than this share of the greater one are the same. */
const NEAR = 0.01;

/** Holds the numbers of a run against those of the run before the change, by name. */
export function compareNumbers(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  judgesOf: (metric: string) => Judges,
): NumberChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((metric) => {
    const [a, b] = [before.get(metric), after.get(metric)];
    return {
      metric,
      ...(a === undefined ? {} : { before: a }),
      ...(b === undefined ? {} : { after: b }),
      ...(a === undefined || b === undefined ? {} : { verdict: verdictOf(a, b, judgesOf(metric)) }),
    };
  });
}

function verdictOf(before: number, after: number, judges: Judges): NonNullable<NumberChange['verdict']> {
  if (Math.abs(after - before) <= NEAR * Math.max(Math.abs(before), Math.abs(after))) return 'same';
  if (judges === 'none') return 'changed';
  return after > before === (judges === 'maximize') ? 'better' : 'worse';
}

/**
 * What a smoke run of one workflow comes to. It fails where the change broke it: what the base runs, or a new workflow,
 * does not finish. To be looked at is what could not be run, what fails as its base does, and pictures that newly look
 * broken. [RV-12]
 */
export function runState(before: SideOutcome | undefined, after: SideOutcome): 'pass' | 'warn' | 'fail' {
  if (after.kind === 'planned') return 'pass';
  if (after.kind === 'not-run') return 'warn';
  if (after.kind !== 'finished') return before === undefined || before.kind === 'finished' ? 'fail' : 'warn';
  const known = new Set(before?.gates ?? []);
  return (after.gates ?? []).some((gate) => !known.has(gate)) ? 'warn' : 'pass';
}
