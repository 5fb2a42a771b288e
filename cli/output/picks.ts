import type { PickOutput } from '../../src/porcelain/pick.ts';
import type { Io } from '../io.ts';
import { printChanges } from './changes.ts';
import { short } from './commits.ts';
import { printConflicts } from './conflicts.ts';
import { safe } from './safe.ts';

/** Prints what became of each commit that was taken back or repeated; returns the exit code. */
export function printPicks(io: Io, schema: string, out: PickOutput): number | undefined {
  const { color } = io;
  const verb = schema.startsWith('cwf.revert') ? 'reverts' : 'picks';
  io.result(schema, out, () => {
    for (const pick of out.picks) {
      if (pick.kind === 'conflict') {
        io.print(`${color.yellow(short(pick.of))} ${safe(pick.subject)}`);
        printConflicts(
          io,
          pick.conflicts,
          'choose a side with -X ours or -X theirs, or change the value and try again',
        );
      } else if (pick.kind === 'empty') {
        io.print(`${color.yellow(short(pick.of))} ${safe(pick.subject)}: nothing to do`);
      } else {
        io.print(
          `${color.yellow(pick.oid ? short(pick.oid) : 'would commit')} ${color.dim(verb)} ${short(pick.of)} ${safe(pick.subject)}`,
        );
        printChanges(io, pick.files, { most: 8 });
      }
    }
  });
  return out.picks.some(({ kind }) => kind === 'conflict') ? 4 : undefined;
}
