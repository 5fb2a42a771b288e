import { readFileSync } from 'node:fs';
import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { diff } from '../../src/porcelain/diff.ts';
import { set } from '../../src/porcelain/set.ts';
import { withCorpus } from '../corpus.ts';
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
    const widths = await page.$$eval('.canvas', (all) => all.map((one) => one.getBoundingClientRect().width));
    expect(Math.abs(widths[0]! - widths[1]!)).toBeLessThan(4);
    expect(page.url()).toContain('mode=side');
    await picture(page, `compare-side-${theme}`);
    await press(page, 'Table');
    await page.waitForSelector('.change-list table');
    const table = await page.$$eval('.change-list tbody tr', (all) =>
      all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
    );
    expect(table).toHaveLength(count);
    expect(table).toContainEqual(['change', 'KSampler "portrait" (3): steps', '20', '30']);
    expect(table).toContainEqual(['add', 'ImageScale (10)', '', 'added']);
    expect(table).toContainEqual(['change', 'SaveImage (9): images', 'VAEDecode (8).0', 'ImageScale (10).0']);
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
    await page.waitForSelector('.is-one .node[aria-description*="opens a subgraph"]');
    await page.$eval('.node[aria-description*="opens a subgraph"]', (node) => (node as SVGElement).focus());
    await page.keyboard.press('Enter');
    await page.waitForSelector('.node.is-chosen');
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav[aria-label=Subgraph]');
    await picture(page, 'compare-subgraph');
    await page.keyboard.press('Backspace');
    await page.waitForFunction(() => document.querySelector('nav[aria-label=Subgraph]') === null);
  });

  it('draws slots in the colours of their types, also of prompts', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/compare/HEAD~1..HEAD' });
    await page.waitForSelector('.node.added');
    const slots = await page.$eval('[data-key="3"]', (node) =>
      [...node.querySelectorAll('.slot title')].map((title) => title.textContent),
    );
    expect(slots).toEqual([
      'model: MODEL',
      'positive: CONDITIONING',
      'negative: CONDITIONING',
      'latent_image: LATENT',
      'LATENT: LATENT',
    ]);
    expect(await page.$$eval('.wire.same.type-MODEL', (all) => all.length)).toBe(1);
    // A wire ends where the slot is.
    const ends = await page.evaluate(() => {
      const path = document.querySelector<SVGPathElement>('.wire.type-LATENT')!;
      const end = path.getPointAtLength(path.getTotalLength());
      const at = new DOMPoint(end.x, end.y).matrixTransform(path.getScreenCTM()!);
      return [...document.querySelectorAll('.type-LATENT .slot')].some((slot) => {
        const { left, right, top, bottom } = slot.getBoundingClientRect();
        return left <= at.x && at.x <= right && top <= at.y && at.y <= bottom;
      });
    });
    expect(ends).toBe(true);
  });

  withCorpus('templates', (folder) => {
    it('draws real workflows: every node, every subgraph, as many changes as the verb tells', async () => {
      const server = await served();
      const text = readFileSync(`${folder}/templates-1_click_multiple_character_angles-v1.0.json`, 'utf8');
      server.write('big.json', JSON.parse(text));
      await commit.run(server.ctx, { message: 'as it was released' });
      const graph = JSON.parse(text);
      for (const { nodes } of graph.definitions.subgraphs)
        for (const node of nodes) if (node.type === 'KSampler') node.widgets_values[2] = 31;
      server.write('big.json', graph);
      await commit.run(server.ctx, { message: 'more steps' });
      const { files } = await diff.run(server.ctx, { words: ['HEAD~1..HEAD'] });
      const count = files[0]!.lines.filter(({ presentation }) => !presentation).length;
      expect(count).toBeGreaterThan(1);
      const page = await openPage(server, { at: '#/compare/HEAD~1..HEAD', theme: 'dark' });
      await waitForText(page, `${count} changes`);
      await page.waitForSelector('.node');
      expect(await page.$$eval('.node', (all) => all.length)).toBe(graph.nodes.length);
      // The first change lies in a subgraph, which opens.
      await page.keyboard.press('n');
      await page.waitForSelector('nav[aria-label=Subgraph]');
      await page.waitForFunction(() => document.activeElement?.classList.contains('changed'));
      await picture(page, 'compare-real');
      expect(await axeFaults(page)).toEqual([]);
    });
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
