import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { diff } from '../../src/porcelain/diff.ts';
import { set } from '../../src/porcelain/set.ts';
import { uiGraph } from '../porcelain/samples.ts';
import { served, type TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

/** A commit that changes values, a text, a link, adds a node, and takes one away. */
async function world(): Promise<TestServer> {
  const server = await served();
  const graph = JSON.parse(server.read('ok.json'));
  graph['3'].inputs.steps = 30;
  graph['6'].inputs.text = `a dog in a garden, ${'very detailed, '.repeat(8)}morning light`;
  graph['10'] = {
    class_type: 'ImageScale',
    inputs: { image: ['8', 0], width: 1024, height: 1024, crop: 'disabled', upscale_method: 'lanczos' },
  };
  graph['9'].inputs.images = ['10', 0];
  graph['7'] = undefined;
  graph['3'].inputs.negative = ['6', 0];
  server.write('ok.json', graph);
  await commit.run(server.ctx, { message: 'much' });
  return server;
}

const chosen = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-key') ?? null);

describePage('the comparison of the page', () => {
  it.each(['light', 'dark'] as const)('draws what differs, and leads through it by n and p (%s)', async (theme) => {
    const server = await world();
    const { files } = await diff.run(server.ctx, { words: ['HEAD~1..HEAD'] });
    const count = files[0]!.lines.filter(({ presentation }) => !presentation).length;
    const page = await openPage(server, { at: '#/compare/HEAD~1..HEAD', theme });
    await waitForText(page, `${count} changes`);
    await page.waitForSelector('.node.added');
    expect(await page.$$eval('.node.added', (all) => all.length)).toBe(1);
    expect(await page.$$eval('.node.removed', (all) => all.length)).toBe(1);
    expect(await page.$$eval('.change-list li', (all) => all.length)).toBe(count);
    await picture(page, `compare-overlay-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('n');
    await page.waitForFunction(() => document.activeElement?.hasAttribute('data-key'));
    const first = await chosen(page);
    await page.keyboard.press('n');
    await page.keyboard.press('p');
    await page.waitForFunction((key) => document.activeElement?.getAttribute('data-key') === key, {}, first);
    await page.keyboard.press('o');
    await page.waitForFunction(() => document.querySelectorAll('.canvas').length === 2);
    const [before, after] = await page.$$eval('.canvas', (all) => all.map((one) => one.textContent ?? ''));
    expect([before!.includes('ImageScale'), after!.includes('ImageScale')]).toEqual([false, true]);
    expect([before!.includes('steps 20'), after!.includes('steps 30')]).toEqual([true, true]);
    expect(page.url()).toContain('mode=side');
    await picture(page, `compare-side-${theme}`);
    await press(page, 'Table');
    await page.waitForSelector('.change-list table');
    expect(await page.$$eval('.change-list tbody tr', (all) => all.length)).toBe(count);
    expect(await axeFaults(page)).toEqual([]);
  });

  it('opens subgraphs in place, shows one version, and what was only moved about', async () => {
    const server = await served();
    server.write('ui.json', uiGraph());
    await commit.run(server.ctx, { message: 'a subgraph' });
    const graph = uiGraph();
    for (const node of graph.nodes) node['pos'] = [Number((node['pos'] as number[])[0]) + 300, 40];
    server.write('ui.json', graph);
    await commit.run(server.ctx, { message: 'moved' });
    const page = await openPage(server, { at: '#/compare/HEAD~1..HEAD' });
    await waitForText(page, '0 changes');
    await waitForText(page, 'only moved about');
    expect(await page.$$('.node.is-placed')).toHaveLength(0);
    await page.keyboard.press('m');
    await page.waitForSelector('.node.is-placed');
    await page.evaluate(() => {
      location.hash = '#/compare/HEAD?file=ui.json';
    });
    await page.waitForSelector('.node[aria-description*="opens a subgraph"]');
    await page.$eval('.node[aria-description*="opens a subgraph"]', (node) => (node as SVGElement).focus());
    await page.keyboard.press('Enter');
    await page.waitForSelector('.node.is-chosen');
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav[aria-label=Subgraph]');
    await picture(page, 'compare-subgraph');
    await page.keyboard.press('Backspace');
    await page.waitForFunction(() => document.querySelector('nav[aria-label=Subgraph]') === null);
  });

  it('says what is wrong with a point that is not there', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/compare/nothing..HEAD' });
    await waitForText(page, 'REV_NOT_FOUND');
    await set.run(server.ctx, { file: 'ok.json', values: [{ address: '3.cfg', value: '5' }] });
    await page.evaluate(() => {
      location.hash = '#/compare/HEAD~1..HEAD';
    });
    await waitForText(page, '1 change');
  });
});
