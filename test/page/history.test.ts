import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { branch } from '../../src/porcelain/branch.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { merge } from '../../src/porcelain/merge.ts';
import { noteAdd } from '../../src/porcelain/note.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { served, type TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

/** A history with a branch of an agent that was merged, a commit of plain git, and numbers. */
async function world(): Promise<TestServer> {
  const server = await served();
  const { ctx } = server;
  const steps = (value: number, message: string, at = ctx) =>
    set.run(at, { file: 'ok.json', values: [{ address: '3.steps', value: String(value) }], message });
  await steps(21, 'More steps');
  await branch.run(ctx, { name: 'tuning' });
  await set.run(ctx, { file: 'ok.json', values: [{ address: '6.text', value: 'a dog' }], message: 'A dog instead' });
  await switchTo.run(ctx, { target: 'tuning' });
  const agent = await server.open({ actor: 'agent/tuner' });
  await set.run(agent, { file: 'ok.json', values: [{ address: '3.cfg', value: '6.5' }], reason: 'softer' });
  await noteAdd.run(ctx, { rev: 'HEAD', metrics: { sharpness: 123.456 } });
  await switchTo.run(ctx, { target: 'main' });
  await merge.run(ctx, { rev: 'tuning' });
  server.git('commit', '-q', '--allow-empty', '-m', 'by plain git');
  return server;
}

const rowsOf = (page: Page): Promise<string[]> =>
  page.$$eval('[role=option]', (rows) => rows.map((row) => row.textContent ?? ''));

describePage('the history of the page', () => {
  it.each(['light', 'dark'] as const)('shows commits, who made them and what they changed (%s)', async (theme) => {
    const server = await world();
    const page = await openPage(server, { at: '#/history?metrics=sharpness', theme });
    await waitForText(page, 'More steps');
    const rows = await rowsOf(page);
    expect(rows).toHaveLength(6);
    expect(rows[0]).toContain('HEAD -> main');
    expect(rows.some((row) => row.includes('agent tuner') && row.includes('123.46'))).toBe(true);
    expect(rows[0]).toContain('(git)');
    await waitForText(page, 'No workflow changed.');
    await page.focus('[role=listbox]');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await waitForText(page, 'Compare with parent');
    await picture(page, `history-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
  });

  it('filters by who made a commit, by an input, and keeps that in the address', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/history' });
    await waitForText(page, 'More steps');
    await page.keyboard.press('/');
    await page.type('input[name=actor]', 'agent');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
    expect(page.url()).toContain('actor=agent');
    await press(page, 'Clear');
    await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 6);
    await page.type('input[name=input]', '3.cfg');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 3);
    const rows = await rowsOf(page);
    expect(rows.some((row) => row.includes('agent tuner'))).toBe(true);
    expect(rows.some((row) => row.includes('A dog instead'))).toBe(false);
  });

  it('takes back a commit after it has shown what that does', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/history' });
    await waitForText(page, 'A dog instead');
    const row = (await rowsOf(page)).findIndex((text) => text.includes('A dog instead'));
    await page.locator(`[role=option]:nth-child(${row + 1})`).click();
    await page.waitForFunction(() => document.querySelector('.details h2')?.textContent === 'A dog instead');
    await press(page, 'Revert');
    await page.waitForFunction(() => document.querySelector('dialog .changes') !== null);
    await picture(page, 'history-revert');
    expect(await axeFaults(page)).toEqual([]);
    await page.locator('dialog button.primary').click();
    await waitForText(page, 'Revert: done.');
    expect(JSON.parse(server.read('ok.json'))['6'].inputs.text).toBe('a cat');
    // The list follows by itself.
    await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 7);
  });

  it('shows what others commit while somebody looks', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/history' });
    await waitForText(page, 'More steps');
    server.write('ok.json', { ...JSON.parse(server.read('ok.json')), '10': { class_type: 'Note', inputs: {} } });
    await commit.run(await server.open(), { message: 'from elsewhere' });
    await waitForText(page, 'from elsewhere');
  });
});
