import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { importFile } from '../../src/porcelain/import.ts';
import { status } from '../../src/porcelain/status.ts';
import { box, keyedMeta, mp4, opus, u32 } from '../io/media/clips.ts';
import { exif, jpeg, png, text as pngText, webp } from '../io/media/images.ts';
import { apiGraph, apiWith, text, uiGraph } from './samples.ts';
import { failure, tempDir, tempRepo } from './temp.ts';

describe('import', () => {
  it('commits the workflow of a PNG, which may lie anywhere', async () => {
    const t = await tempRepo();
    const image = png(pngText('prompt', text(apiGraph())), pngText('workflow', text(uiGraph())));
    const source = join(tempDir(), 'ComfyUI_00042_.png');
    writeFileSync(source, image);
    const out = await importFile.run(t.ctx, { source });
    expect(out).toMatchObject({
      subject: 'Import ComfyUI_00042_.json',
      source: { type: 'PNG', part: 'workflow', sha256: sha256(image) },
    });
    expect(JSON.parse(t.read('ComfyUI_00042_.json')).nodes.length).toBe(3);
    const message = t.git('log', '-1', '--format=%B');
    expect(message).toContain(`Imported from "ComfyUI_00042_.png" (PNG, workflow), sha256 ${sha256(image)}.`);
    expect(message).toContain('Cwf-Op: import');
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    await failure('FILE_EXISTS', importFile.run(t.ctx, { source }));
  });

  it('takes the prompt of a WebP as an API workflow, and as the next version of a file', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.write('out.webp', webp(['EXIF', exif({ 272: `prompt:${JSON.stringify(apiWith('3', 'steps', 33))}` })]));
    const out = await importFile.run(t.ctx, { source: 'out.webp', as: 'a.json' });
    expect(out.file).toMatchObject({ kind: 'changed', graph: 1 });
    expect(out.subject).toMatch(/steps.*20 -> 33/);
    await failure('NOTHING_TO_COMMIT', importFile.run(t.ctx, { source: 'out.webp', as: 'a.json' }));
    t.write('a.json', apiWith('3', 'cfg', 1));
    await failure('UNCOMMITTED_CHANGES', importFile.run(t.ctx, { source: 'out.webp', as: 'a.json' }));
  });

  it('commits the workflow of a video or a sound; of one of gigabytes only the headers are read', async () => {
    const t = await tempRepo();
    const texts = { workflow: text(uiGraph()), prompt: text(apiGraph()) };
    const video = mp4(box('udta', keyedMeta(texts)));
    t.write('clip.mp4', video);
    const out = await importFile.run(t.ctx, { source: 'clip.mp4' });
    expect(out.source).toEqual({ name: 'clip.mp4', type: 'MP4', part: 'workflow', sha256: sha256(video) });
    t.write('sound.opus', opus(`PROMPT=${texts.prompt}`));
    expect((await importFile.run(t.ctx, { source: 'sound.opus' })).source).toMatchObject({
      type: 'Ogg',
      part: 'prompt',
    });
    const path = join(tempDir(), 'long.mp4');
    const gap = 3 * 2 ** 30;
    const mdat = Buffer.concat([u32(gap), Buffer.from('mdat')]);
    writeFileSync(path, Buffer.concat([video.subarray(0, 24), mdat]));
    truncateSync(path, 24 + gap);
    appendFileSync(path, video.subarray(24 + 108));
    const long = await importFile.run(t.ctx, { source: path });
    expect(long.source).toEqual({ name: 'long.mp4', type: 'MP4', part: 'workflow', size: gap + video.length - 108 });
    expect(t.git('log', '-1', '--format=%B')).toContain(`(MP4, workflow), ${gap + video.length - 108} bytes.`);
  });

  it.each([
    ['JSON_SYNTAX', '{"3":'],
    ['JSON_SYNTAX', '['.repeat(40)],
    ['JSON_DEPTH', '['.repeat(10_000)],
    ['JSON_NUMBER', '{"3":{"class_type":"KSampler","inputs":{"cfg":1e400}}}'],
    ['JSON_FORBIDDEN_KEY', '{"__proto__":{"class_type":"KSampler","inputs":{}}}'],
    ['JSON_DUPLICATE_KEY', '{"3":{"class_type":"A","inputs":{}},"3":{"class_type":"B","inputs":{}}}'],
    ['NOT_A_WORKFLOW', '"prompt"'],
  ] as const)('[C3-70] %s: JSON in the EXIF of a JPEG or a WebP is held to the same rules', async (code, json) => {
    const t = await tempRepo();
    const block = exif({ 272: `prompt:${json}` });
    t.write('x.jpg', jpeg(block));
    t.write('x.webp', webp(['EXIF', block]));
    for (const source of ['x.jpg', 'x.webp']) await failure(code, importFile.run(t.ctx, { source }));
    expect((await t.ctx.repo.head()).oid).toBeUndefined();
    expect(t.exists('x.json')).toBe(false);
  });

  it('[C3-67] [C3-70] refuses damaged images, images without a workflow, and hostile JSON in them', async () => {
    const t = await tempRepo();
    const one = async (bytes: Uint8Array | string, name = 'x.png') => {
      t.write(name, bytes);
      return importFile.run(t.ctx, { source: name });
    };
    await failure('IMAGE_INVALID', one('not an image'));
    await failure('IMAGE_INVALID', one('<svg xmlns="http://www.w3.org/2000/svg"/>'));
    await failure('IMAGE_INVALID', one(png(pngText('workflow', text(uiGraph()))).subarray(0, 500)));
    await failure('IMAGE_NO_WORKFLOW', one(png(pngText('parameters', 'Steps: 20'))));
    await failure('JSON_NUMBER', one(png(pngText('prompt', '{"3":{"class_type":"KSampler","inputs":{"cfg":NaN}}}'))));
    await failure('JSON_FORBIDDEN_KEY', one(png(pngText('workflow', '{"nodes":[],"links":[],"__proto__":{}}'))));
    await failure('JSON_SYNTAX', one(png(pngText('workflow', '{'))));
    await failure('NOT_A_WORKFLOW', one(png(pngText('workflow', '[1]'))));
    await failure('FILE_NOT_FOUND', importFile.run(t.ctx, { source: 'none.png' }));
    await failure('FILE_IS_FOLDER', importFile.run(t.ctx, { source: '.' }));
    t.write('ok.png', png(pngText('workflow', text(uiGraph()))));
    for (const as of ['../x.json', '/tmp/x.json', '.git/x.json'])
      await failure('PATH_OUTSIDE', importFile.run(t.ctx, { source: 'ok.png', as }));
    await failure('USAGE', importFile.run(t.ctx, { source: 'ok.png', as: 'x.txt' }));
    expect((await t.ctx.repo.head()).oid).toBeUndefined();
    expect(t.exists('x.json')).toBe(false);
  });
});
