import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readRoute, toRoute } from '../../server/page/route.ts';
import { ROOT } from '../cli/cwf.ts';
import { served } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

describePage('the shell of the page', () => {
  it.each(['light', 'dark'] as const)('opens in %s, with nothing that axe finds serious', async (theme) => {
    const server = await served();
    const page = await openPage(server, { theme });
    await waitForText(page, 'first');
    await picture(page, `shell-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
    await press(page, 'Keys');
    expect(await axeFaults(page)).toEqual([]);
  });

  it('goes where a link leads as soon as the link can be seen', async () => {
    const page = await openPage(await served());
    // Follows a link within the frame that first shows it: no person is so fast, a script and a restored tab are.
    await page.evaluateOnNewDocument(() => {
      const observer = new MutationObserver(() => {
        const link = document.querySelector<HTMLAnchorElement>('#app nav a[href^="#/proposals"]');
        if (link === null) return;
        observer.disconnect();
        link.click();
      });
      observer.observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await waitForText(page, 'Nothing waits for a review.');
  });
});

it('keeps the first load within its budget: 60 KB of scripts', () => {
  const folder = join(ROOT, 'dist/page');
  const { script, first } = JSON.parse(readFileSync(join(folder, 'page.json'), 'utf8'));
  const view = readdirSync(folder).find((file) => file.startsWith('history-'))!;
  const bytes = [script, ...first, view].map((file) => gzipSync(readFileSync(join(folder, file))).length);
  expect(bytes.reduce((a, b) => a + b)).toBeLessThan(60_000);
});

it('serves what the build made, and no other file of the folder [SV-32]', async () => {
  const server = await served();
  const { body } = await server.get('/api/session');
  expect(body.scope).toBe('admin');
  for (const name of ['page.json', '..%2fpage.json', 'page.js', '.js']) {
    const { status } = await server.get(`/page/${name}`);
    expect([400, 404], name).toContain(status);
  }
});

it('reads back the addresses it writes', () => {
  const written = toRoute('compare', ['a/b', 'ä?#'], { file: 'x&y=z' });
  const { view, parts, query } = readRoute(written);
  expect([view, parts, query.get('file')]).toEqual(['compare', ['a/b', 'ä?#'], 'x&y=z']);
});
