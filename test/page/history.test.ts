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

  it('chooses the first commit without a step of the address, and stays with it', async () => {
    const server = await world();
    const page = await openPage(server);
    await waitForText(page, 'No workflow changed.');
    expect(new URL(page.url()).hash).toBe('');
    await set.run(server.ctx, { file: 'ok.json', values: [{ address: '3.steps', value: '9' }], message: 'Few steps' });
    await waitForText(page, 'Few steps');
    expect(await page.$eval('[role=option][aria-selected=true]', (row) => row.textContent)).toContain('by plain git');
    expect(new URL(page.url()).hash).toBe('');
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

  it('has a column for each metric, and the line of the first', async () => {
    const server = await world();
    await noteAdd.run(server.ctx, { rev: 'HEAD', metrics: { sharpness: 100, latency: 2.5 } });
    await noteAdd.run(server.ctx, { rev: 'HEAD~2', metrics: { sharpness: 90 } });
    const page = await openPage(server, { at: '#/history?metrics=sharpness,latency' });
    await waitForText(page, '2.5000');
    const dots = await page.$$eval('.trend circle', (all) => all.map((dot) => Number(dot.getAttribute('cx'))));
    expect(dots).toHaveLength(3);
    // 100, 123.456 and 90, from above.
    expect(dots[1]).toBeGreaterThan(dots[0]!);
    expect(dots[2]).toBeLessThan(dots[0]!);
    expect(await page.$$eval('.heads .number', (heads) => heads.map((head) => head.textContent))).toEqual([
      'sharpness',
      'latency',
    ]);
    await picture(page, 'history-metrics');
    expect(await axeFaults(page)).toEqual([]);
  });

  it('is gone through by keys alone: down, mark, compare', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/history' });
    await waitForText(page, 'More steps');
    await page.focus('[role=listbox]');
    const chosen = (subject: string) =>
      page.waitForFunction((text) => document.querySelector('.details h2')?.textContent === text, {}, subject);
    await page.keyboard.press('End');
    await chosen('first');
    await page.keyboard.press('c');
    await waitForText(page, 'Marked.');
    await page.keyboard.press('k');
    await chosen('More steps');
    expect(await page.$$eval('.details a', (links) => links.map(({ textContent }) => textContent))).toContain(
      'Compare with marked',
    );
    await page.keyboard.press('x');
    await page.waitForFunction(() => location.hash.startsWith('#/compare/'));
    const [first, second] = server.git('log', '--reverse', '--format=%H').trim().split('\n');
    expect(decodeURIComponent(page.url())).toContain(`#/compare/${first}..${second}`);
  });

  it('shows anew what an action would do when the branch moves meanwhile', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/history' });
    await waitForText(page, 'A dog instead');
    await page.locator('::-p-text(A dog instead)').click();
    await page.waitForFunction(() => document.querySelector('.details h2')?.textContent === 'A dog instead');
    await press(page, 'Revert');
    await page.waitForSelector('dialog[open] .changes');
    // The text goes back by another hand: then there is nothing left to revert.
    await set.run(server.ctx, { file: 'ok.json', values: [{ address: '6.text', value: 'a cat' }] });
    await waitForText(page, 'The branch moved meanwhile');
    await waitForText(page, 'It would change nothing here.');
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
