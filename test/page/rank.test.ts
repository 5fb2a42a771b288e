import { expect, it } from 'vitest';
import { rankShow } from '../../src/porcelain/rank.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';
import { settled, studied } from './studied.ts';

const STUDY = { file: 'photo.json', objectives: ['sharpness:max'], sampler: 'sobol', budget: 5, name: 's' };

describePage('ranking by eye', () => {
  it('keeps five choices made by keys, takes one back, and shows the ranking', async () => {
    const server = await studied();
    await server.post('/api/optimize', STUDY);
    const page = await openPage(server, { at: '#/rank/s' });
    const choices = async (): Promise<number> => (await rankShow.run(server.ctx, {})).choices;
    await waitForText(page, 'The ranking is shown after 5 choices: 5 more.');
    for (const [at, key] of (['1', '2', '0', '1', '2'] as const).entries()) {
      // Nothing is chosen before both pictures are there.
      await page.waitForSelector('.answers button:not(:disabled)');
      await page.keyboard.press(key);
      await waitForText(page, `${at + 1} in all among 5`);
      await page.waitForSelector('.answers button:not(:disabled)');
      expect(await choices()).toBe(at + 1);
    }
    await waitForText(page, 'Ranking by 5 choices');
    const { ranking } = await rankShow.run(server.ctx, {});
    const ties = ranking.reduce((sum, { tied }) => sum + tied, 0);
    expect(ties).toBe(2);
    const told = await page.$$eval('.table tbody tr', (rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent!.trim())),
    );
    const five = (await rankShow.run(server.ctx, { among: [0, 1, 2, 3, 4].map((n) => `trial/s/${n}`) })).ranking;
    expect(told.map(([rank, , , , , score]) => [rank, score])).toEqual(
      five.map(({ rank, score, error }) => [
        String(rank),
        `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(2)} ± ${(1.96 * error).toFixed(2)}`,
      ]),
    );
    await picture(page, 'rank-shown');
    await page.keyboard.press('u');
    await waitForText(page, '4 in all among 5');
    expect(await choices()).toBe(4);
    // What was taken back is asked again.
    await page.waitForSelector('.answers button:not(:disabled)');
    await press(page, '2 The right one is better');
    await waitForText(page, '5 in all among 5');
    expect(await choices()).toBe(5);
  }, 60_000);

  it.each(['light', 'dark'] as const)(
    'has nothing in %s that axe finds serious',
    async (theme) => {
      const server = await studied();
      await server.post('/api/optimize', { ...STUDY, budget: 3 });
      const page = await openPage(server, { at: '#/rank/s', theme });
      for (let n = 1; n <= 5; n++) {
        await page.waitForSelector('.answers button:not(:disabled)');
        await page.keyboard.press('1');
        await waitForText(page, `${n} in all among 3`);
      }
      await waitForText(page, 'Ranking by 5 choices');
      await settled(page);
      expect(await axeFaults(page)).toEqual([]);
      await picture(page, `rank-${theme}`);
    },
    60_000,
  );
});
