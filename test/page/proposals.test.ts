import { expect, it } from 'vitest';
import { branch } from '../../src/porcelain/branch.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { protect } from '../../src/porcelain/protect.ts';
import { tokenAdd } from '../../src/porcelain/token.ts';
import { tempRepo } from '../porcelain/temp.ts';
import { served, serverOn, type TestServer } from '../server/served.ts';
import { axeFaults, describePage, openPage, picture, press, waitForText } from './browser.ts';

/** A protected branch, and an agent that proposed a change of it over HTTP. */
async function world(): Promise<TestServer & { readonly id: string; readonly agent: Record<string, string> }> {
  const server = await served();
  await protect.run(server.ctx, { branch: 'main', approvals: 1, checks: ['validate'] });
  const { token } = await tokenAdd.run(server.ctx, { actor: 'agent/tuner', scope: 'propose' });
  const agent = { authorization: `Bearer ${token}` };
  const answer = await server.post(
    '/api/set',
    { file: 'ok.json', values: [{ address: '3.cfg', value: '6.5' }], propose: true, reason: 'softer skin' },
    agent,
  );
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const { body } = await server.get('/api/review/list');
  return { ...server, id: body.proposals[0].id, agent };
}

describePage('the proposals of the page', () => {
  it.each(['light', 'dark'] as const)(
    'are read, discussed, approved, merged and undone by a person (%s)',
    async (theme) => {
      const server = await world();
      const page = await openPage(server, { at: '#/proposals', theme });
      await waitForText(page, 'Open proposals');
      await picture(page, `proposals-${theme}`);
      expect(await axeFaults(page)).toEqual([]);
      await page.locator('table a').click();
      await waitForText(page, 'cfg 8 -> 6.5');
      await waitForText(page, 'no new fault');
      await waitForText(page, 'Before it can be merged');

      await page.type('textarea[name=text]', 'Why so soft?');
      await page.select('select[name=file]', 'ok.json');
      await page.type('input[name=address]', '3.cfg');
      await page.locator('form.write button[type=submit]').click();
      await page.waitForSelector('.comment');
      await waitForText(page, 'KSampler "portrait" (3)');

      await press(page, 'Approve…');
      await page.locator('dialog textarea').fill('good');
      await page.locator('dialog button.primary:not([disabled])').click();
      await waitForText(page, 'It may be merged.');
      await picture(page, `proposal-${theme}`);
      expect(await axeFaults(page)).toEqual([]);

      await press(page, 'Merge…');
      await page.waitForSelector('dialog .changes');
      await page.locator('dialog button.primary:not([disabled])').click();
      await waitForText(page, 'It is merged.');
      expect(JSON.parse(server.read('ok.json'))['3'].inputs.cfg).toBe(6.5);
      // What came since is not taken back in its place.
      await branch.run(server.ctx, { name: 'since' });
      await press(page, 'Undo…');
      await page.locator('dialog button.primary:not([disabled])').click();
      await waitForText(page, 'Took back review merge');
      expect(JSON.parse(server.read('ok.json'))['3'].inputs.cfg).toBe(8);
      expect(server.git('branch', '--list', 'since')).toContain('since');
    },
  );

  it('are shown as they come, and end where somebody asks for changes or rejects them', async () => {
    const server = await served();
    const page = await openPage(server, { at: '#/proposals' });
    await waitForText(page, 'Nothing waits for a review.');
    const { token } = await tokenAdd.run(server.ctx, { actor: 'agent/tuner', scope: 'propose' });
    await server.post(
      '/api/set',
      { file: 'ok.json', values: [{ address: '3.steps', value: '5' }], propose: true },
      { authorization: `Bearer ${token}` },
    );
    await waitForText(page, 'Open proposals');
    await page.locator('table a').click();
    await waitForText(page, 'It may be merged.');
    await page.keyboard.press('r');
    await page.locator('dialog textarea').fill('too few');
    await page.locator('dialog button.primary:not([disabled])').click();
    await waitForText(page, 'asked for changes: too few');
    await press(page, 'Reject…');
    await page.locator('dialog button.primary:not([disabled])').click();
    await waitForText(page, 'rejected by');
  });

  it('tell why something is refused, and leave all as it was', async () => {
    const server = await world();
    const page = await openPage(server, { at: `#/proposals/${server.id}` });
    await waitForText(page, 'Before it can be merged');
    await press(page, 'Merge…');
    await waitForText(page, 'REVIEW_NEEDED');
    expect(await page.$eval('dialog button.primary', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await picture(page, 'proposal-refused');
    // Nor does an agent get further by itself.
    for (const verb of ['approve', 'merge']) {
      const { status, body } = await server.post(`/api/review/${verb}`, { proposal: server.id }, server.agent);
      expect([status, body.code]).toEqual([403, 'SCOPE_TOO_SMALL']);
    }
    expect(JSON.parse(server.read('ok.json'))['3'].inputs.cfg).toBe(8);
  });

  it('are run before and after, and shown as pictures on each other', async () => {
    const graph = {
      '1': { class_type: 'EmptyImage', inputs: { width: 320, height: 200, batch_size: 1, color: 0x3377aa } },
      '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'sky' } },
    };
    const temp = await tempRepo({ 'sky.json': graph });
    await commit.run(temp.ctx, { message: 'the sky' });
    const server = await serverOn(temp);
    const { token } = await tokenAdd.run(server.ctx, { actor: 'agent/tuner', scope: 'propose' });
    const { status, body } = await server.post(
      '/api/set',
      { file: 'sky.json', values: [{ address: '1.color', value: '16755200' }], propose: true, reason: 'an evening' },
      { authorization: `Bearer ${token}` },
    );
    expect(status, JSON.stringify(body)).toBe(200);
    const { body: list } = await server.get('/api/review/list');
    const page = await openPage(server, { at: `#/proposals/${list.proposals[0].id}` });
    await press(page, 'Run both versions');
    await page.waitForSelector('.smoke .ab img');
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>('.smoke .ab img')].every(
        ({ naturalWidth }) => naturalWidth === 320,
      ),
    );
    await waitForText(page, 'other pixels');
    await waitForText(page, 'Numbers before and after');
    await picture(page, 'proposal-run');
    expect(await axeFaults(page)).toEqual([]);
  });

  it('whose target moved meanwhile are told as they are, and merged onto it', async () => {
    const server = await world();
    const page = await openPage(server, { at: `#/proposals/${server.id}` });
    await waitForText(page, 'cfg 8 -> 6.5');
    await protect.run(server.ctx, { branch: 'main', remove: true });
    await server.post('/api/set', { file: 'ok.json', values: [{ address: '3.steps', value: '33' }] });
    await waitForText(page, 'It may be merged.');
    await press(page, 'Merge…');
    await page.waitForSelector('dialog .changes');
    await page.locator('dialog button.primary:not([disabled])').click();
    await waitForText(page, 'It is merged.');
    const { cfg, steps } = JSON.parse(server.read('ok.json'))['3'].inputs;
    expect([cfg, steps]).toEqual([6.5, 33]);
  });
});
