import { expect, it } from 'vitest';
import { branch } from '../../src/porcelain/branch.ts';
import { protect } from '../../src/porcelain/protect.ts';
import { rankShow } from '../../src/porcelain/rank.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { tokenAdd } from '../../src/porcelain/token.ts';
import { describePage, openPage, press, waitForText } from './browser.ts';
import { studied } from './studied.ts';

describePage('one sitting at the page', () => {
  it('from the history to a proposal that is merged and taken back', async () => {
    const server = await studied();
    const { ctx } = server;
    const change = (address: string, value: string, message: string) =>
      set.run(ctx, { file: 'ok.json', values: [{ address, value }], message });
    await branch.run(ctx, { name: 'other' });
    await change('3.steps', '30', 'Thirty steps');
    await switchTo.run(ctx, { target: 'other' });
    await change('3.steps', '25', 'Twenty-five steps');
    await switchTo.run(ctx, { target: 'main' });
    const steps = (): number => JSON.parse(server.read('ok.json'))['3'].inputs.steps;

    // Open, and see the history.
    const page = await openPage(server);
    await waitForText(page, 'Thirty steps');
    await waitForText(page, 'Twenty-five steps');

    // Compare.
    await press(page, 'Compare with parent');
    await page.waitForSelector('.node.changed');
    await waitForText(page, '1 change');

    // Resolve a conflict.
    await page.evaluate(() => {
      location.hash = '#/merge';
    });
    await waitForText(page, 'Nothing waits for a decision');
    await press(page, 'other');
    await press(page, 'Begin the merge');
    await page.waitForSelector('.conflict');
    await page.keyboard.press('n');
    await page.keyboard.press('t');
    await waitForText(page, 'every decision is made');
    await waitForText(page, '✓ valid');
    await press(page, 'Commit');
    await page.waitForFunction(() => location.hash.startsWith('#/history'));
    expect(steps()).toBe(25);

    // Watch an optimization finish live.
    const begun = await server.post('/api/optimize/start', {
      file: 'photo.json',
      objective: ['sharpness:max'],
      sampler: 'sobol',
      budget: 6,
      name: 's',
    });
    expect(begun.status, JSON.stringify(begun.body)).toBe(202);
    await page.evaluate(() => {
      location.hash = '#/study/s';
    });
    await page.waitForSelector('.board tbody tr');
    await waitForText(page, 'all 6 trials were made');

    // Rank five pairs.
    await page.evaluate(() => {
      location.hash = '#/rank/s';
    });
    for (const [at, key] of ['1', '2', '1', '0', '2'].entries()) {
      await page.waitForSelector('.answers button:not(:disabled)');
      await page.keyboard.press(key as '1');
      await waitForText(page, `${at + 1} in all among 6`);
    }
    expect((await rankShow.run(ctx, {})).choices).toBe(5);

    // Review an agent's proposal to a protected branch, merge it, and undo that.
    await protect.run(ctx, { branch: 'main', approvals: 1 });
    const { token } = await tokenAdd.run(ctx, { actor: 'agent/tuner', scope: 'propose' });
    const agent = { authorization: `Bearer ${token}` };
    const wanted = { file: 'ok.json', values: [{ address: '3.steps', value: '12' }] };
    const direct = await server.post('/api/set', wanted, agent);
    expect([direct.status, direct.body.code]).toEqual([403, expect.stringMatching(/PROPOSE_ONLY|BRANCH_PROTECTED/)]);
    expect(direct.body.hint).not.toBe('');
    expect((await server.post('/api/set', { ...wanted, propose: true }, agent)).status).toBe(200);
    await page.evaluate(() => {
      location.hash = '#/proposals';
    });
    await page.locator('table a').click();
    await waitForText(page, 'steps 25 -> 12');
    await press(page, 'Approve…');
    await page.locator('dialog button.primary:not([disabled])').click();
    await waitForText(page, 'It may be merged.');
    await press(page, 'Merge…');
    await page.locator('dialog button.primary:not([disabled])').click();
    await waitForText(page, 'It is merged.');
    expect(steps()).toBe(12);
    await press(page, 'Undo…');
    await page.locator('dialog button.primary:not([disabled])').click();
    await waitForText(page, 'Took back review merge');
    expect(steps()).toBe(25);
  }, 180_000);
});
