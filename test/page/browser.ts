import { spawnSync } from 'node:child_process';
import axe from 'axe-core';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, afterEach, describe, expect } from 'vitest';
import type { TestServer } from '../server/served.ts';

/** Chromium of this machine, or undefined: the tests of the page say so and are skipped then. */
const CHROMIUM = [process.env.CWF_CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => name !== undefined && spawnSync(name, ['--version']).status === 0,
);

/** As `describe`, where there is a browser. */
export const describePage: typeof describe.skip =
  CHROMIUM === undefined
    ? (((name: string, ...rest: []) =>
        describe.skip(`${name} (no chromium here; CWF_CHROMIUM names one)`, ...rest)) as typeof describe.skip)
    : describe;

/** What a page is waited for, on a busy machine. */
const WAIT_MS = 20_000;

let browser: Promise<Browser> | undefined;
const pages = new Set<{ readonly page: Page; readonly faults: string[] }>();

afterEach(async () => {
  // What the browser complains of (scripts that fail, what the policy forbids) is a fault of the page.
  for (const { page, faults } of pages) {
    await page.close();
    expect(faults).toEqual([]);
  }
  pages.clear();
});
afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

/** How a page is opened. */
export interface OpenOptions {
  /** The fragment: `#/history`. */
  readonly at?: string;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** Opens the page of a server through a link, as `cwf serve` does. */
export async function openPage(
  server: Pick<TestServer, 'url' | 'post'>,
  { at = '', theme = 'light', width = 1280, height = 860 }: OpenOptions = {},
): Promise<Page> {
  browser ??= puppeteer.launch({
    executablePath: which(CHROMIUM!),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  // Each page has cookies of its own: servers of several tests share a host.
  const context = await (await browser).createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const faults: string[] = [];
  pages.add({ page, faults });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // The browser tells of every answer of 400 and more; views show those to people.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text());
  });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: theme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await page.setViewport({ width, height });
  const { body } = await server.post('/api/session/link');
  await page.goto(`${server.url}${body.path}`);
  await page.waitForSelector('#app header');
  if (at !== '')
    await page.evaluate((fragment) => {
      location.hash = fragment;
    }, at);
  return page;
}

/** What axe finds serious or critical, each as one line; [] is the bar (WCAG 2.2 AA). */
export async function axeFaults(page: Page): Promise<string[]> {
  // Through the inspector, which the policy of the page does not hold for.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe puts itself there
    const { violations } = await (globalThis as any).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
    return violations
      .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }: { id: string; nodes: { html: string }[] }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** Waits for a text anywhere on the page; where it does not come, the error says what is there instead. */
export async function waitForText(page: Page, text: string): Promise<void> {
  try {
    await page.waitForFunction((wanted) => document.body.textContent.includes(wanted), { timeout: WAIT_MS }, text);
  } catch (error) {
    const there = await page.evaluate(() => document.body.textContent);
    throw new Error(`no "${text}" on the page: ${there}`, { cause: error });
  }
}

/** Presses the button or link of a name, as a person reads it. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria(${name})`).click();
}

/** Saves a picture of the page where CWF_SCREENSHOTS names a folder: to be looked at, and for docs/. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.CWF_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` as `${string}.png` });
}

function which(name: string): string {
  return name.includes('/') ? name : spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim();
}
