import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../../src/io/repo/journal.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitFiles, log, scratch } from './scratch.ts';

const make = scratch('journal');

describe('the journal', () => {
  it('[OP-2] cut off at any byte says only what was whole, and goes on', async () => {
    const { dir, repo } = await make();
    const made = [await commitFiles(repo, { 'a.json': '1\n' }), await commitFiles(repo, { 'a.json': '2\n' })];
    const path = join(repo.cwfDir, 'journal');
    const whole = readFileSync(path);
    for (let cut = whole.length; cut >= 0; cut -= 7) {
      writeFileSync(path, whole.subarray(0, cut));
      const journal = readJournal(repo);
      expect(journal.done.length + (journal.pending ? 1 : 0)).toBeLessThanOrEqual(2);
      const again = await openRepo(dir);
      expect((await again.head()).oid).toBe(made[1]);
      const known = (await log(again)).length;
      writeFileSync(path, whole.subarray(0, cut));
      made[1] = await commitFiles(again, { 'a.json': `cut ${cut}\n` });
      expect(await log(again)).toHaveLength(known + 1);
    }
  });

  it('[OP-2] takes no line whose checksum is wrong', async () => {
    const { repo } = await make();
    await commitFiles(repo, { 'a.json': '1\n' });
    const before = readJournal(repo);
    appendFileSync(
      join(repo.cwfDir, 'journal'),
      '00000000 {"prepared":{"id":"x"}}\ngarbage\n\0\0\0\0\0\0\0\0\0\0\0\0\n',
    );
    expect(readJournal(repo)).toEqual(before);
  });
});
