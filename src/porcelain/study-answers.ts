import type { Oid } from '../io/repo/types.ts';
import type { Answer } from '../plan/optimize/study/preference.ts';
import type { Choice } from '../plan/rank/choice.ts';
import type { Context } from './context.ts';
import { readChoices } from './rank-choices.ts';

/** How long it is waited before it is looked whether anybody chose. */
const PAUSE_MS = 1000;

/**
 * What people chose among trials of a study, oldest first; choices of agents are left out. Of a choice among several the
 * trials of the study count, where the one that was chosen is of it. [ST-25]
 */
export async function answersAmong(ctx: Context, commits: ReadonlyMap<number, Oid>): Promise<Answer[]> {
  const numbers = new Map([...commits].map(([number, oid]) => [oid, number]));
  const { choices } = await readChoices(ctx, 'person');
  return choices.flatMap(({ choice, id }) => {
    const pairs = pairsOf(choice, numbers);
    return pairs.length === 0 ? [] : [{ id, pairs }];
  });
}

/** Comes back after a second, or as soon as the signal is given. */
export async function untilMore(signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, PAUSE_MS);
    signal?.addEventListener('abort', done);
  });
}

function pairsOf(choice: Choice, numbers: ReadonlyMap<Oid, number>): Answer['pairs'] {
  if (choice.kind === 'tie') {
    const [winner, loser] = choice.between.map((id) => numbers.get(id));
    return winner === undefined || loser === undefined ? [] : [{ winner, loser, isTie: true }];
  }
  const winner = numbers.get(choice.chosen);
  if (winner === undefined) return [];
  return choice.over.flatMap((id) => {
    const loser = numbers.get(id);
    return loser === undefined ? [] : [{ winner, loser }];
  });
}
