import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { branch } from '../../src/porcelain/branch.ts';
import { set } from '../../src/porcelain/set.ts';
import { status } from '../../src/porcelain/status.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { served, type TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

const LONG = 'a cat in a garden, very detailed, morning light, soft shadows';

/** Both branches changed two values, and each one of its own; HEAD is on main. */
async function world(): Promise<TestServer> {
  const server = await served();
  const { ctx } = server;
  const change = (address: string, value: unknown) =>
    set.run(ctx, { file: 'ok.json', values: [{ address, value: JSON.stringify(value) }] });
  await change('6.text', LONG);
  await branch.run(ctx, { name: 'tuning' });
  await change('3.steps', 30);
  await change('6.text', LONG.replace('cat', 'dog'));
  await switchTo.run(ctx, { target: 'tuning' });
  await change('3.steps', 25);
  await change('6.text', LONG.replace('cat', 'bird'));
  await change('3.cfg', 5);
  await switchTo.run(ctx, { target: 'main' });
  return server;
}

const inputs = (server: TestServer, node: string) => JSON.parse(server.read('ok.json'))[node].inputs;
const isDisabled = (page: Page, text: string): Promise<boolean> =>
  page.$$eval('button.primary', (all, wanted) => all.find((one) => one.textContent === wanted)?.disabled ?? true, text);

/** Shows what merging the branch does, and begins it. */
async function begin(server: TestServer, theme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await openPage(server, { at: '#/merge', theme });
  await waitForText(page, 'Nothing waits for a decision');
  await press(page, 'tuning');
  await waitForText(page, '2 decisions are to be made');
  expect(await page.$$eval('tbody tr', (rows) => rows.length)).toBe(2);
  await picture(page, `merge-begin-${theme}`);
  expect(await axeFaults(page)).toEqual([]);
  expect((await status.run(await server.open(), {})).inProgress).toEqual([]);
  await press(page, 'Begin the merge');
  await page.waitForFunction(() => document.querySelectorAll('.conflict').length === 2);
  return page;
}

describePage('a merge on the page', () => {
  it.each(['light', 'dark'] as const)('is decided, validated and committed (%s)', async (theme) => {
    const server = await world();
    const page = await begin(server, theme);
    await waitForText(page, '2 of 2 decisions open');
    expect(await isDisabled(page, 'Commit')).toBe(true);
    const [steps, text] = await page.$$eval('.conflict', (all) => all.map((one) => one.textContent ?? ''));
    for (const part of ['KSampler "portrait" (3): steps', 'ok.json', 'base', '20', 'ours (main)', '30', '25'])
      expect(steps).toContain(part);
    // Words that are not the base's are marked.
    expect(text).toContain('theirs (tuning)');
    expect(await page.$$eval('.conflict ins', (all) => all.map((one) => one.textContent))).toEqual(['dog', 'bird']);
    await picture(page, `merge-open-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
    // The first is decided by keys, the second by a value of one's own.
    await page.keyboard.press('n');
    await page.keyboard.press('p');
    await page.keyboard.press('u');
    await waitForText(page, '1 of 2 decisions open');
    expect(await isDisabled(page, 'Commit')).toBe(true);
    const own = await page.waitForSelector('[data-number="2"] textarea');
    await own!.click({ count: 3 });
    await own!.type('30 birds');
    await page.$eval('[data-number="2"] form', (form) => (form as HTMLFormElement).requestSubmit());
    await waitForText(page, 'every decision is made');
    await waitForText(page, '✓ valid');
    await picture(page, `merge-decided-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
    expect(inputs(server, '3').cfg).toBe(8);
    await page.type('input[name=message]', 'Both ideas');
    await press(page, 'Commit');
    await page.waitForFunction(() => location.hash.startsWith('#/history'));
    await waitForText(page, 'Both ideas');
    expect([inputs(server, '3').steps, inputs(server, '3').cfg, inputs(server, '6').text]).toEqual([30, 5, '30 birds']);
    expect(server.git('rev-list', '--parents', '-1', 'HEAD').trim().split(' ')).toHaveLength(3);
    expect(server.git('log', '-1', '--format=%s').trim()).toBe('Both ideas');
  });

  it('is given up, and all is as it was', async () => {
    const server = await world();
    const before = [server.git('rev-parse', 'HEAD'), server.read('ok.json')];
    const page = await begin(server);
    await press(page, 'Take theirs in all that is open');
    await waitForText(page, 'every decision is made');
    await press(page, 'Give it up…');
    await page.waitForSelector('dialog[open] button.primary');
    expect(await axeFaults(page)).toEqual([]);
    await page.locator('dialog button.primary').click();
    await waitForText(page, 'Nothing waits for a decision');
    expect([server.git('rev-parse', 'HEAD'), server.read('ok.json')]).toEqual(before);
    expect((await status.run(await server.open(), {})).inProgress).toEqual([]);
  });

  it('is not committed with an error in it unless somebody says so', async () => {
    const server = await world();
    const page = await begin(server);
    await press(page, 'Take theirs for CLIPTextEncode (6): text');
    await waitForText(page, '1 of 2 decisions open');
    const own = await page.waitForSelector('[data-number="1"] form input');
    await own!.click({ count: 3 });
    await own!.type('"many"');
    await page.keyboard.press('Enter');
    await waitForText(page, '✕ error');
    expect(await isDisabled(page, 'Commit')).toBe(true);
    await picture(page, 'merge-error');
    expect(await axeFaults(page)).toEqual([]);
    // A value that is no JSON is refused, and said.
    await own!.click({ count: 3 });
    await own!.type('many');
    await page.keyboard.press('Enter');
    await waitForText(page, 'RESOLUTION_INVALID');
    await page.locator('.nevertheless input').click();
    await page.waitForFunction(() => document.querySelectorAll('button.primary:disabled').length === 0);
    await press(page, 'Commit');
    await page.waitForFunction(() => location.hash.startsWith('#/history'));
    expect(inputs(server, '3').steps).toBe('many');
  });

  it('of what does not touch is done at once, with what it changes shown first', async () => {
    const server = await world();
    server.git('checkout', '-q', '-B', 'main', 'main~2');
    await set.run(await server.open(), { file: 'ok.json', values: [{ address: '5.width', value: '768' }] });
    const page = await openPage(server, { at: '#/merge?rev=tuning' });
    await waitForText(page, 'without a question');
    await waitForText(page, 'cfg 8 -> 5');
    await waitForText(page, '✓ valid');
    await page.locator('button.primary').click();
    await page.waitForFunction(() => location.hash.startsWith('#/history'));
    expect([inputs(server, '3').cfg, inputs(server, '5').width]).toEqual([5, 768]);
    await page.evaluate(() => {
      location.hash = '#/merge?rev=tuning';
    });
    await waitForText(page, 'main has all of tuning already');
  });

  it('follows what is decided elsewhere, and says where HEAD has to be', async () => {
    const server = await world();
    const page = await begin(server);
    await switchTo.run(await server.open(), { target: 'tuning' });
    await waitForText(page, 'MERGE_ELSEWHERE');
    await switchTo.run(await server.open(), { target: 'main' });
    await waitForText(page, '2 of 2 decisions open');
  });
});
