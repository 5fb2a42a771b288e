import { join } from 'node:path';
import type { RankNextOutput } from '../../src/porcelain/rank.ts';
import type { Io } from '../io.ts';
import { askLine } from './ask.ts';
import { count } from './commits.ts';
import { printQuestion } from './ranking.ts';
import { clip, safe } from './safe.ts';

/** What a person may answer, and what it means to `cwf rank`. */
const ANSWERS: Readonly<Record<string, 'a' | 'b' | 'tie'>> = { a: 'a', b: 'b', t: 'tie', tie: 'tie', '=': 'tie' };

/**
 * Asks a person about the trials of a study, pair by pair, until there is nobody to ask or the person ends it. The two
 * stand beside each other on a page that a browser reads again by itself. Without a terminal the question alone is printed.
 */
export async function rankStudy(io: Io, study: string, isOpened: boolean): Promise<number | undefined> {
  const ctx = await io.open();
  const { rank, rankNext } = await import('../../src/porcelain/rank.ts');
  // Nobody to ask: then it says what it would ask.
  if (!io.interactive || io.mode !== 'text') {
    printQuestion(io, await rankNext.run(ctx, { study }));
    return undefined;
  }
  const page = join(ctx.repo.cwfDir, 'rank.html');
  let answered = 0;
  for (let isFirst = true; ; isFirst = false) {
    const question = await rankNext.run(ctx, { study, out: page });
    if (isFirst) {
      io.print(`The two stand beside each other at ${safe(page)}${isOpened ? '' : ' (--open shows it)'}`);
      if (isOpened) (await import('../open-browser.ts')).openBrowser(`file://${page}`, io.env);
    }
    for (const line of questionLines(io, question)) io.print(line);
    await io.end();
    const answer = await answerOf();
    if (answer === undefined) break;
    const candidates = [question.a.id, question.b.id];
    await rank.run(ctx, { candidates, winner: answer, dryRun: io.dryRun });
    answered++;
    if (io.dryRun) break;
  }
  io.note(`${count(answered, 'answer')}; cwf exp show ${safe(study)}`);
  return undefined;
}

/** What is asked, in the lines of a terminal. */
export function questionLines(io: Io, { a, b, study }: RankNextOutput): string[] {
  const [first, second] = study!.trials;
  const line = (name: string, trial: number, about: string): string =>
    `${io.color.bold(name)}  ${io.color.yellow(`trial ${trial}`)}  ${clip(withoutTrial(about), Math.max(10, io.columns - 18))}`;
  const waits = study!.waiting === 0 ? 'all were seen; this sharpens the order' : `${study!.waiting} not seen yet`;
  return ['', line('a', first, a.about), line('b', second, b.about), io.color.dim(waits)];
}

/** A subject without `Trial 3 of portrait-1: `, which stands before it already. */
function withoutTrial(about: string): string {
  return about.replace(/^Trial \d+ of [^:]*: /, '');
}

async function answerOf(): Promise<'a' | 'b' | 'tie' | undefined> {
  for (;;) {
    const text = (await askLine('better: a, b, t(ie); q ends '))?.trim().toLowerCase();
    if (text === undefined || text === 'q' || text === 'quit') return undefined;
    const answer = ANSWERS[text];
    if (answer !== undefined) return answer;
  }
}
