import type { NoteFact } from '../../src/porcelain/note.ts';
import type { Io } from '../io.ts';
import { safe } from './safe.ts';

/** One fact on a commit: `sharpness = 812.4  person, 2026-11-25 21:04`. */
export function factLine({ color }: Io, fact: NoteFact): string {
  const what = fact.metric === undefined ? safe(fact.text ?? '') : `${safe(fact.metric)} = ${fact.value}`;
  const time = fact.time === undefined ? '' : new Date(fact.time * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const who = [safe(fact.actor ?? ''), time].filter((part) => part !== '').join(', ');
  return who === '' ? what : `${what}  ${color.dim(who)}`;
}
