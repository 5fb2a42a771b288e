import type { Json } from '../../src/base/json.ts';
import type { Temp } from './temp.ts';

/** Every line of the notes of choices, read by git. */
export async function readNotes(temp: Temp): Promise<Json[]> {
  return temp
    .git('notes', '--ref=cwf/rank', 'list')
    .trim()
    .split('\n')
    .flatMap((line) => temp.git('cat-file', '-p', line.split(' ')[0]!).trim().split('\n'))
    .map((line) => JSON.parse(line) as Json);
}
