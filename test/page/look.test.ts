import { it } from 'vitest';
import { axeFaults, describePage, openPage, picture, waitForText } from './browser.ts';
import { studied } from './studied.ts';

describePage('look', () => {
  it('studies', async () => {
    const server = await studied();
    const dry = await server.post('/api/optimize', {
      file: 'photo.json',
      objectives: ['sharpness:max'],
      budget: 5,
      dryRun: true,
    });
    console.log(JSON.stringify(dry.body).slice(0, 1500), dry.status);
    for (const body of [
      {
        file: 'photo.json',
        objectives: ['tenengrad:max', 'noise-sigma:min'],
        budget: 40,
        name: 'front',
        sampler: 'sobol',
      },
      {
        file: 'photo.json',
        objectives: ['sharpness:max'],
        budget: 24,
        name: 'sharp',
        sampler: 'sobol',
        repeats: 3,
        pruner: 'median',
        limits: ['noise-sigma:<=6'],
      },
    ]) {
      const t = Date.now();
      const { status, body: out } = await server.post('/api/optimize', body);
      console.log(status, Date.now() - t, status === 200 ? out.trials.length : JSON.stringify(out));
    }
    let t = Date.now();
    const a = await server.get('/api/exp/show?study=front');
    console.log('show', Date.now() - t, JSON.stringify(a.body).length);
    t = Date.now();
    await server.get('/api/exp/explain?study=front');
    console.log('explain', Date.now() - t);
    for (const theme of ['light', 'dark'] as const)
      for (const [name, at, width] of [
        ['list', '#/experiments', 1280],
        ['new', '#/experiments/new?file=photo.json', 1280],
        ['front', '#/study/front', 1280],
        ['params', '#/study/front?tab=parameters', 1280],
        ['course', '#/study/sharp?tab=course', 1280],
        ['trials', '#/study/sharp?tab=trials', 1280],
        ['pictures', '#/study/sharp?tab=pictures', 1280],
        ['gallery', '#/study/front?tab=pictures', 1280],
        ['why', '#/study/front?tab=why', 1280],
        ['trial', '#/study/sharp?tab=trials&trial=3', 1280],
        ['rank', '#/rank/front', 1280],
        ['narrow', '#/study/front', 420],
        ['narrow-trials', '#/study/sharp?tab=trials', 420],
      ] as const) {
        if (process.env.ONLY && !process.env.ONLY.split(',').includes(name)) continue;
        const page = await openPage(server, { at, theme, width, height: 1000 });
        await page.waitForNetworkIdle({ idleTime: 400, timeout: 8000 }).catch(() => console.log('not idle', name));
        const folder = process.env.CWF_SCREENSHOTS!;
        await page.screenshot({ path: `${folder}/${name}-${theme}.png` as `${string}.png`, fullPage: true });
        console.log(name, theme, await axeFaults(page));
        
      }
  }, 600_000);
});
void picture;
void waitForText;
