import type { ContinueOutput } from '../../src/porcelain/conflicts.ts';
import type { Io } from '../io.ts';
import { printChanges } from './changes.ts';
import { branchName, short } from './commits.ts';
import { noteFaults } from './conflicts.ts';
import { printPicks } from './picks.ts';
import { safe } from './safe.ts';

/** Prints how a merge ended that waited for decisions; returns the exit code. */
export function printContinued(io: Io, out: ContinueOutput): number | undefined {
  const { color } = io;
  io.result(`cwf.${out.op}.continue/1`, out, () => {
    const name = out.oid ? short(out.oid) : io.dryRun ? '(not written)' : undefined;
    io.print(
      name === undefined
        ? `${safe(out.subject)}: nothing was left to commit`
        : `${color.yellow(name)} ${safe(out.subject)} ${color.dim(`on ${safe(branchName(out.branch))}`)}`,
    );
    printChanges(io, out.files, { most: 8 });
    if (out.op !== 'merge' && out.picks.length > 0) printPicks(io, out.op, out.picks);
  });
  noteFaults(io, out.faults);
  return out.picks.some(({ kind }) => kind === 'conflict') ? 4 : undefined;
}
