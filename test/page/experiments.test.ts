import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { describe, expect, it, vi } from 'vitest';
import { boundsBetween, dimensionsOf, passes } from '../../server/page/study/model.ts';
import { SAMPLER_NAMES } from '../../server/page/study/samplers.ts';
import { lockState } from '../../src/io/repo/locks.ts';
import { SAMPLERS } from '../../src/plan/optimize/samplers/index.ts';
import { expShow } from '../../src/porcelain/exp.ts';
import type { StudyReport } from '../../src/porcelain/study-report.ts';
import { ROOT } from '../cli/cwf.ts';
import type { TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';
import { settled, studied } from './studied.ts';

const STUDY = { file: 'photo.json', sampler: 'sobol', only: ['blur_radius', '6.sigma', 'alpha', 'blend_mode'] };

/** A finished study with its report. */
async function withStudy(more: object): Promise<{ readonly server: TestServer; readonly report: StudyReport }> {
  const server = await studied();
  const { status, body } = await server.post('/api/optimize', { ...STUDY, name: 's', ...more });
  expect(status, JSON.stringify(body)).toBe(200);
  return { server, report: await expShow.run(server.ctx, { study: 's' }) };
}

const cells = (page: Page, of: string): Promise<string[][]> =>
  page.$$eval(`${of} tbody tr`, (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
/** Presses what has a name of its own: the cell around it has the same one. */
const check = (page: Page, name: string): Promise<void> =>
  page.locator(`input[aria-label="${name}"], button[aria-label="${name}"]`).click();
const shown = (value: number): string => String(Number(value.toPrecision(6)));

describePage('a study in the page', () => {
  it('is planned, begun, watched while its trials end, stopped and resumed', async () => {
    const server = await studied();
    const page = await openPage(server, { at: '#/experiments' });
    await waitForText(page, 'No study yet');
    await press(page, 'Begin one');
    await page.waitForSelector('[aria-label="Objective 1"]');
    await page.select('form label select', 'photo.json');
    await page.select('[aria-label="Objective 1"]', 'sharpness');
    await page.waitForSelector('[aria-label="What to do with blend_factor"]');
    await page.select('[aria-label="What to do with blend_factor"]', 'keep');
    await page.select('[aria-label="What to do with blend_mode"]', 'fix');
    await page.select('[aria-label="Value of blend_mode"]', 'screen');
    await page.locator('::-p-aria(Trials)').fill('400');
    await press(page, 'Show the plan');
    await waitForText(page, 'The plan: photo-1');
    await waitForText(page, 'up to 400 trials on embedded');
    // Nothing was begun by looking.
    expect((await server.get('/api/exp/ls')).body.studies).toEqual([]);
    await press(page, 'Begin photo-1');
    await page.waitForSelector('.badge.is-running');
    const rows = (): Promise<number> => page.$$eval('.board tbody tr', (all) => all.length);
    await page.waitForSelector('.board tbody tr');
    const before = await rows();
    await page.waitForFunction((n) => document.querySelectorAll('.board tbody tr').length > n, {}, before);
    await picture(page, 'study-running');
    await press(page, 'Stop…');
    await waitForText(page, 'The trials that run now end first');
    await press(page, 'Stop');
    await waitForText(page, 'stopped by person');
    // The trial that runs ends first.
    const lock = join(server.ctx.repo.cwfDir, 'study-photo-1.lock');
    await vi.waitFor(async () => expect(await lockState(lock)).not.toBe('alive'), 20_000);
    const { body: report } = await server.get('/api/exp/show?study=photo-1');
    expect(report.status).toBe('stopped');
    expect(report.fixed).toEqual({ blend_mode: 'screen' });
    expect(report.parameters.map(({ name }: { name: string }) => name)).not.toContain('blend_factor');
    const ended = report.trials.length;
    await press(page, 'Resume…');
    await page.locator('::-p-aria(Trials in all)').fill(String(ended + 1));
    await press(page, 'Resume');
    await waitForText(page, `all ${ended + 1} trials were made`);
    await page.waitForFunction(
      (text) => document.querySelector('.cards strong')?.textContent === text,
      {},
      `${ended + 1} of ${ended + 1}`,
    );
  }, 120_000);

  it('has each chart as a table with the numbers of exp show, and as CSV to the last digit', async () => {
    const { server, report } = await withStudy({
      objectives: ['tenengrad:max', 'noise-sigma:min'],
      budget: 9,
      repeats: 2,
      pruner: 'median',
    });
    const page = await openPage(server, { at: '#/study/s' });
    await waitForText(page, 'Leaderboard');
    const measured = report.trials.filter(({ scores }) => scores !== undefined);
    expect(await cells(page, '.board')).toEqual(
      measured
        .slice(0, 10)
        .map((trial) => [
          `${trial.best ? '★ ' : ''}${trial.rank}`,
          `trial ${trial.number}`,
          '',
          ...trial.scores!.map(shown),
          expect.any(String),
        ]),
    );
    await press(page, 'History: tenengrad as a table');
    const inOrder = [...report.trials].sort((a, b) => a.number - b.number);
    const best = new Map(report.progress[0]!.map(({ number, value }) => [number, value]));
    expect(await cells(page, '.figure .table')).toEqual(
      inOrder.map(({ number, scores, state }) => [
        String(number),
        scores ? shown(scores[0]!) : state.toLowerCase(),
        best.has(number) ? shown(best.get(number)!) : '',
      ]),
    );
    await page.evaluate(() => {
      URL.createObjectURL = (blob) => {
        void (blob as Blob).text().then((text) => document.body.setAttribute('data-csv', text));
        return 'blob:none';
      };
      HTMLAnchorElement.prototype.click = () => undefined;
    });
    await press(page, 'Save as CSV');
    await page.waitForSelector('body[data-csv]');
    const csv = await page.$eval('body', (body) => body.getAttribute('data-csv')!);
    expect(csv.split('\r\n').slice(1, -1)).toEqual(
      inOrder.map(({ number, scores }) => `${number},${scores?.[0] ?? ''},${best.get(number) ?? ''}`),
    );
    for (const tab of ['overview', 'parameters', 'course']) {
      await page.goto(`${server.url}/#/study/s?tab=${tab}`);
      await settled(page);
      const names = await page.$$eval('.figure button[aria-pressed=false]', (all) =>
        all.map((one) => one.getAttribute('aria-label')!).filter((name) => name?.endsWith('as a table')),
      );
      expect(names.length, tab).toBeGreaterThan(1);
      for (const name of names) await press(page, name);
      const sizes = await page.$$eval('.figure .table', (all) =>
        all.map((one) => one.querySelectorAll('tbody tr').length),
      );
      expect(sizes.length, tab).toBeGreaterThanOrEqual(names.length);
      expect(Math.min(...sizes), tab).toBeGreaterThan(0);
    }
  }, 90_000);

  it('goes from point to point by arrow keys, opens one by Enter, and filters by fields', async () => {
    const { server, report } = await withStudy({ objectives: ['sharpness:max'], budget: 6 });
    const page = await openPage(server, { at: '#/study/s' });
    const chart = '[aria-label^="sharpness by trial"]';
    await page.waitForSelector(chart);
    await page.focus(chart);
    await page.keyboard.press('ArrowRight');
    await waitForText(page, 'Trial 0');
    await page.keyboard.press('End');
    await page.waitForFunction(() => document.querySelector('.tip')?.textContent?.startsWith('Trial 5'));
    await page.keyboard.press('Enter');
    await waitForText(page, 'Trial 5 of s');
    await page.waitForSelector('dialog[open]');
    // The key comes before the dialog has told that it is closed.
    await page.$eval('dialog[open]', (dialog) => {
      (dialog as HTMLDialogElement).close();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '2', bubbles: true }));
    });
    await waitForText(page, '6 of 6 measured trials shown');
    await press(page, 'Filter');
    const most = Math.max(...report.trials.map(({ scores }) => scores![0]!));
    await page.locator('.filters fieldset:last-of-type input').fill(String(most));
    await page.keyboard.press('Tab');
    await waitForText(page, '1 of 6 measured trials shown');
    await press(page, 'Show all');
    await waitForText(page, '6 of 6 measured trials shown');
  }, 60_000);

  it('compares chosen trials, pins, promotes one and applies one after showing what comes of it', async () => {
    const { server, report } = await withStudy({ objectives: ['sharpness:max'], budget: 5 });
    const page = await openPage(server, { at: '#/study/s?tab=trials' });
    await check(page, 'Compare trial 0');
    await check(page, 'Compare trial 3');
    await waitForText(page, 'Compared: 2 trials');
    const rows = await cells(page, '.compared');
    const trial = report.trials.find(({ number }) => number === 3)!;
    for (const { name } of trial.differences) expect(rows.map(([first]) => first)).toContain(name);
    expect(rows.map(([first]) => first)).not.toContain('state');
    await check(page, 'Pin trial 4');
    await page.waitForFunction(() => document.querySelector('.trials tbody tr td:nth-child(3)')?.textContent === '4');
    await page.goto(`${server.url}/#/study/s?trial=3`);
    await press(page, 'Promote…');
    await waitForText(page, 'which fetch and push take along');
    await press(page, 'Promote');
    await waitForText(page, 'branch trial/s/3 was made');
    expect(server.git('rev-parse', 'refs/heads/trial/s/3').trim()).toBe(trial.commit);
    await press(page, 'Apply…');
    await waitForText(page, 'They go in without a conflict');
    await press(page, 'Apply');
    await waitForText(page, 'trial 3 was applied');
    expect(server.git('diff', 'HEAD', 'trial/s/3', '--', 'photo.json')).toBe('');
  }, 60_000);

  it('confirms the best under other seeds, after showing which runs that takes', async () => {
    const { server } = await withStudy({ objectives: ['sharpness:max'], budget: 5 });
    const page = await openPage(server, { at: '#/study/s' });
    await press(page, 'Confirm…');
    await waitForText(page, 'runs are made on the runners of .cwfrc');
    await page.waitForSelector('dialog[open] button.primary:not([disabled])');
    await press(page, 'Confirm');
    await waitForText(page, 'Under seeds that it did not have');
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll('[aria-labelledby=confirmed] tbody tr')];
      return rows.length > 1 && rows.every((row) => row.children[1]!.textContent === '5');
    });
    const rows = await cells(page, '[aria-labelledby=confirmed]');
    expect(rows[0]![0]).toMatch(/^★ trial \d$/);
    expect(rows[0]![2]).toMatch(/^\S+ ± \S+$/);
    expect(rows.some((row) => row.at(-1)!.startsWith('as the base; worse, '))).toBe(true);
    expect(await axeFaults(page)).toEqual([]);
    await page.$eval('[aria-labelledby=confirmed]', (section) => section.scrollIntoView({ block: 'center' }));
    await picture(page, 'study-confirmed');
  }, 60_000);

  it.each(['light', 'dark'] as const)(
    'has nothing in %s that axe finds serious',
    async (theme) => {
      const { server } = await withStudy({ objectives: ['tenengrad:max', 'noise-sigma:min'], budget: 12, repeats: 2 });
      for (const at of [
        'experiments',
        'experiments/new?file=photo.json',
        'study/s',
        'study/s?tab=parameters',
        'study/s?tab=course',
        'study/s?tab=trials',
        'study/s?tab=pictures',
        'study/s?tab=why',
        'study/s?tab=trials&trial=3',
      ]) {
        const page = await openPage(server, { at: `#/${at}`, theme });
        await settled(page);
        expect(await axeFaults(page), at).toEqual([]);
        await picture(page, `${at.replace(/[^a-z]+/g, '-')}-${theme}`);
      }
      const narrow = await openPage(server, { at: '#/study/s', theme, width: 400 });
      await waitForText(narrow, 'Leaderboard');
      expect(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await picture(narrow, `study-narrow-${theme}`);
    },
    120_000,
  );
});

describe('what the views of experiments are made of', () => {
  it('keeps all scripts of a study, charts included, under 100 KB', () => {
    const folder = join(ROOT, 'dist/page');
    const { script, first } = JSON.parse(readFileSync(join(folder, 'page.json'), 'utf8'));
    const files = readdirSync(folder).filter((file) => /^(chunk|study|experiments|rank)-.*\.js$/.test(file));
    const bytes = [...new Set([script, ...first, ...files])].map(
      (file) => gzipSync(readFileSync(join(folder, file))).length,
    );
    expect(bytes.reduce((a, b) => a + b)).toBeLessThan(100_000);
  });

  it('offers every sampler there is', () => {
    expect([...SAMPLER_NAMES].sort()).toEqual(Object.keys(SAMPLERS).sort());
  });

  it('shows by a dragged part of an axis the trials that stand on it', () => {
    const parameters = [
      { name: 'a', kind: 'float', low: 1, high: 1000, log: true },
      { name: 'b', kind: 'categorical', choices: ['x', 'y', 'z'] },
    ];
    const trials = [1, 10, 100, 1000].flatMap((a) =>
      ['x', 'y', 'z'].map((b) => ({ params: { a, b }, scores: [a], differences: [], pictures: [] })),
    );
    const ranked = [{ name: 'v', direction: 'maximize' }];
    const report = { parameters, trials, ranked, progress: [[]] } as unknown as StudyReport;
    const dimensions = dimensionsOf(report);
    for (const dimension of dimensions)
      for (const [from, to] of [
        [0, 1],
        [0.2, 0.5],
        [0.45, 0.95],
        [0.3, 0.32],
      ] as const) {
        const filter = { [dimension.name]: boundsBetween(dimension, from, to) };
        for (const trial of report.trials) {
          const at = dimension.scale.place(dimension.of(trial)!)!;
          const half = (dimension.scale.band ?? 0) / 2;
          const isOn = at + half > from && at - half < to;
          expect(passes(trial, filter, dimensions), `${dimension.name} ${at} ${from} ${to}`).toBe(isOn);
        }
      }
  });
});
