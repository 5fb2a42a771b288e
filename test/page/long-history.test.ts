import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { longHistory } from '../../bench/server/history.ts';
import { set } from '../../src/porcelain/set.ts';
import { tempAt, tempDir } from '../porcelain/temp.ts';
import { serverOn } from '../server/served.ts';
import { describePage, openPage, picture, waitForText } from './browser.ts';

const COMMITS = 10_000;

describePage('a long history on the page', () => {
  it('has only what is seen in the page, all of it within reach, and stays where one looks', async () => {
    const dir = tempDir();
    await longHistory(dir, COMMITS, 5);
    const temp = await tempAt(dir);
    const server = await serverOn(temp);
    const page = await openPage(server, { at: '#/history' });
    await waitForText(page, '200+ commits');
    const shown = (): Promise<number> => page.$$eval('[role=option]', (rows) => rows.length);
    // Down to the end, as fast as the pages come.
    await page.evaluate(
      (count) =>
        new Promise<void>((resolve) => {
          const list = document.querySelector('.virtual')!;
          const step = (): void => {
            list.scrollTop = list.scrollHeight;
            const [first] = document.querySelectorAll('[role=option]');
            if (first?.ariaSetSize === String(count)) resolve();
            else requestAnimationFrame(step);
          };
          step();
        }),
      COMMITS,
    );
    await waitForText(page, `${COMMITS} commits`);
    expect(await shown()).toBeLessThan(200);
    // Told to whoever measures: how long pages took, and the time between frames while it scrolls.
    if (process.env.CWF_SCREENSHOTS) {
      const pages = await page.evaluate(pageTimes);
      const wheel = await scrolled(page, 6000);
      const fling = await scrolled(page, 90_000);
      console.log(JSON.stringify({ pages, wheel, fling }));
    }
    await page.$eval('.virtual', (list) => {
      list.scrollTop = 5000 * 28;
    });
    const rowAtTop = (): Promise<string | undefined> =>
      page.$eval('.virtual', (list) => {
        const top = list.getBoundingClientRect().top;
        const seen = [...list.querySelectorAll('[role=option]')].find((row) => row.getBoundingClientRect().top >= top);
        return seen?.querySelector('.subject')?.textContent;
      });
    await page.waitForSelector('[aria-posinset="5001"]');
    const before = await rowAtTop();
    await picture(page, 'history-10000');
    await set.run(temp.ctx, { file: 'w0.json', values: [{ address: '3.cfg', value: '6.5' }] });
    await waitForText(page, `${COMMITS + 1} commits`);
    await page.waitForSelector('[aria-posinset="5002"]');
    expect(await rowAtTop()).toBe(before);
    expect(before).toMatch(/steps \d+/);
    expect(await shown()).toBeLessThan(200);
  }, 240_000);
});

type Quantiles = Record<string, number>;

/** The frames of a scroll, and what the page's thread worked for each of them, in ms of the processor. */
async function scrolled(page: Page, speed: number): Promise<Quantiles> {
  const session = await page.createCDPSession();
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const before = await worked();
  const frames = await page.evaluate(framesOfScroll, speed);
  const work = ((await worked()) - before) / frames.count!;
  await session.detach();
  return { ...frames, work: Math.round(10 * work) / 10 };
}

/** How long the server took for each page of the log, in ms. */
function pageTimes(): Quantiles {
  const all = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/log'));
  const times = all.map(({ duration }) => duration).sort((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor((times.length - 1) * share)]!);
  return { count: times.length, p50: at(0.5), p95: at(0.95), most: at(1) };
}

/** Scrolls for three seconds, so many pixels in each; the times between frames, in ms. */
function framesOfScroll(speed: number): Promise<Quantiles> {
  return new Promise((resolve) => {
    const list = document.querySelector('.virtual')!;
    const times: number[] = [];
    const start = performance.now();
    let last = start;
    const step = (now: number): void => {
      times.push(now - last);
      last = now;
      list.scrollTop = 28_000 + ((now - start) / 1000) * speed;
      if (now - start < 3000) {
        requestAnimationFrame(step);
        return;
      }
      times.sort((a, b) => a - b);
      const at = (share: number): number => Math.round(10 * times[Math.floor((times.length - 1) * share)]!) / 10;
      resolve({ count: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) });
    };
    requestAnimationFrame(step);
  });
}
