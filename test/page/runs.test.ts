import { expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { tempRepo } from '../porcelain/temp.ts';
import { serverOn, type TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

const GRAPH = {
  '1': { class_type: 'EmptyImage', inputs: { width: 256, height: 192, batch_size: 1, color: 0x3377aa } },
  '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'sky' } },
};

/** A repository with one workflow that the embedded engine runs, and one server that is not there. */
async function world(files: Record<string, unknown> = {}): Promise<TestServer> {
  const temp = await tempRepo({ 'sky.json': GRAPH, ...files });
  await commit.run(temp.ctx, { message: 'the sky', files: ['sky.json'] });
  return serverOn(temp);
}

describePage('the runs of the page', () => {
  it.each(['light', 'dark'] as const)('are begun, followed to their end, and looked at (%s)', async (theme) => {
    const server = await world();
    const page = await openPage(server, { at: '#/runs', theme });
    await waitForText(page, 'No run is noted yet.');
    await waitForText(page, '✓ ready');
    await press(page, 'Run');
    await waitForText(page, 'It finished');
    // The list follows by itself, and shows the picture that was left.
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>('table .run-outputs img');
      return image?.complete && image.naturalWidth === 256;
    });
    await waitForText(page, '1 run');
    await picture(page, `runs-${theme}`);
    expect(await axeFaults(page)).toEqual([]);

    await press(page, 'See the run');
    await waitForText(page, 'What it ran in');
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.one-run img')?.naturalWidth === 256);
    await waitForText(page, 'sharpness');
    await picture(page, `run-${theme}`);
    expect(await axeFaults(page)).toEqual([]);
  });

  it('are followed on after the page was loaded anew, and come by themselves where others make them', async () => {
    const server = await world();
    const page = await openPage(server, { at: '#/runs' });
    await waitForText(page, 'No run is noted yet.');
    await press(page, 'Run');
    await page.waitForFunction(() => location.hash.includes('task='));
    await page.reload();
    await waitForText(page, 'It finished');
    await press(page, 'Close');
    await page.waitForFunction(() => !location.hash.includes('task='));
    await server.post('/api/run', { what: 'HEAD', set: [{ address: '1.color', value: '255' }] });
    await waitForText(page, 'set 1.color = 255');
    await waitForText(page, '2 runs');
  });

  it('tell what went wrong, with what to do, and which servers are not there', async () => {
    // Nobody listens on port 9 of this machine.
    const server = await world({ '.cwfrc': { runners: [{ name: 'desk', url: 'http://127.0.0.1:9' }] } });
    const page = await openPage(server, { at: '#/runs' });
    await waitForText(page, '✗ not reached');
    await waitForText(page, 'only where it is named');
    await press(page, 'Run');
    await waitForText(page, 'Nothing was sent');
    await waitForText(page, 'RUNNER_UNREACHABLE');
    await page.select('select[name=on]', 'embedded');
    await page.type('input[name=file]', 'nope.json');
    await press(page, 'Run');
    await waitForText(page, 'nope.json');
    await waitForText(page, 'FILE_NOT_FOUND');
    await picture(page, 'runs-refused');
    expect(await axeFaults(page)).toEqual([]);
  });
});
