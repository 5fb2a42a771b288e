import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { branch } from '../../src/porcelain/branch.ts';
import { noteAdd } from '../../src/porcelain/note.ts';
import { set } from '../../src/porcelain/set.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { served, type TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

const steps = (server: TestServer, value: number) =>
  set.run(server.ctx, { file: 'ok.json', values: [{ address: '3.steps', value: String(value) }] });

/** Some commands of a person and an agent, one of them taken back. */
async function world(): Promise<TestServer> {
  const server = await served();
  const { ctx } = server;
  await steps(server, 21);
  await branch.run(ctx, { name: 'tuning' });
  const agent = await server.open({ actor: 'agent/tuner' });
  await noteAdd.run(agent, { rev: 'HEAD', metrics: { sharpness: 123.456 } });
  await steps(server, 22);
  await undo.run(ctx, {});
  await steps(server, 23);
  return server;
}

const stepsIn = (server: TestServer): number => JSON.parse(server.read('ok.json'))['3'].inputs.steps;
const rowsOf = (page: Page): Promise<string[]> =>
  page.$$eval('[role=option]', (rows) => rows.map((row) => row.textContent ?? ''));
const waitForRows = (page: Page, count: number) =>
  page.waitForFunction((wanted) => document.querySelectorAll('[role=option]').length === wanted, {}, count);

describePage('the activity of the page', () => {
  it.each(['light', 'dark'] as const)('lists what was done, by whom, and what it moved (%s)', async (theme) => {
    const server = await world();
    const page = await openPage(server, { at: '#/activity', theme });
    await waitForRows(page, 7);
    const rows = await rowsOf(page);
    expect(rows[0]).toContain('main, ok.json');
    expect(rows[1]).toContain('undo');
    expect(rows[2]).toContain('taken back');
    expect(rows[3]).toContain('agent tuner');
    expect(rows[4]).toContain('tuning');
    await waitForText(page, 'KSampler');
    await picture(page, `activity-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
  });

  it('takes back and repeats the last change by keys alone, after it has told what that does', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/activity' });
    await waitForRows(page, 7);
    await page.keyboard.press('u');
    await page.waitForFunction(() => document.querySelector('dialog[open] .moves')?.textContent?.includes('ok.json'));
    await picture(page, 'activity-undo');
    expect(await axeFaults(page)).toEqual([]);
    await page.locator('dialog[open] button.primary:enabled').wait();
    await page.focus('dialog[open] button.primary');
    await page.keyboard.press('Enter');
    await waitForText(page, 'Took back set');
    expect(stepsIn(server)).toBe(21);
    await waitForRows(page, 8);
    await page.keyboard.press('r');
    await page.locator('dialog[open] button.primary:enabled').click();
    await waitForText(page, 'again.');
    expect(stepsIn(server)).toBe(23);
    await waitForRows(page, 9);
  });

  it('goes back to how everything was after an operation', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/activity' });
    await waitForRows(page, 7);
    await page.focus('[role=listbox]');
    await page.keyboard.press('End');
    await page.waitForFunction(() => document.querySelector('.details h2')?.textContent === 'commit');
    await press(page, 'Go back to here');
    await page.waitForFunction(() => document.querySelector('dialog[open] .moves')?.textContent?.includes('tuning'));
    await page.locator('dialog[open] button.primary:enabled').click();
    await waitForText(page, 'Went back to commit');
    expect(stepsIn(server)).toBe(20);
    expect(server.git('branch', '--list', 'tuning')).toBe('');
  });

  it('says why something cannot be taken back, before it is tried', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/activity' });
    await waitForRows(page, 7);
    server.git('commit', '-q', '--allow-empty', '-m', 'plain');
    await press(page, 'Undo last');
    await waitForText(page, 'REF_STALE');
    expect(await axeFaults(page)).toEqual([]);
  });

  it('shows what others do while somebody looks', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/activity' });
    await waitForRows(page, 7);
    await branch.run(await server.open(), { name: 'elsewhere' });
    await waitForRows(page, 8);
    expect((await rowsOf(page))[0]).toContain('elsewhere');
  });
});

describePage('the branches of the page', () => {
  it('are gone to, found by a part of their name, and made', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/activity' });
    await waitForRows(page, 7);
    await page.keyboard.press('b');
    await page.waitForSelector('dialog[open] .branches li');
    await picture(page, 'branches');
    expect(await axeFaults(page)).toEqual([]);
    await page.type('dialog[open] input', 'tun');
    await page.keyboard.press('Enter');
    await waitForText(page, 'On branch tuning. 1 working file changed.');
    expect(stepsIn(server)).toBe(21);
    await page.waitForFunction(() => document.querySelector('.where')?.textContent?.includes('tuning'));
    await page.keyboard.press('b');
    await page.waitForSelector('dialog[open] .branches li');
    await page.type('dialog[open] input', 'fresh');
    await page.keyboard.press('Enter');
    await waitForText(page, 'On branch fresh.');
    expect(server.git('branch', '--show-current').trim()).toBe('fresh');
  });

  it('are not left with changes that would be lost, and that is said', async () => {
    const server = await world();
    const page = await openPage(server);
    server.write('ok.json', { ...JSON.parse(server.read('ok.json')), '10': { class_type: 'Note', inputs: {} } });
    await waitForText(page, 'main');
    await page.keyboard.press('b');
    await page.waitForSelector('dialog[open] .branches li');
    await page.locator('::-p-text(tuning)').click();
    await waitForText(page, 'UNCOMMITTED_CHANGES');
  });
});
