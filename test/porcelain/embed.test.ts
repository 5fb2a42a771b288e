import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CwfError, isCwfError } from '../../src/base/errors.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { parseJson } from '../../src/base/json-parse.ts';
import { canonicalJson, jsonEqual } from '../../src/base/json-text.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import { formatWorkflow } from '../../src/core/workflow/write.ts';
import { readEmbedded } from '../../src/io/media/embedded.ts';
import { convert } from '../../src/porcelain/convert.ts';
import { embed } from '../../src/porcelain/embed.ts';
import { importFile } from '../../src/porcelain/import.ts';
import { chunk, png, text as pngText } from '../io/media/images.ts';
import { apiDocument, uiDocument } from '../laws/arbitrary.ts';
import { apiGraph, text, uiGraph } from './samples.ts';
import { tempDir, tempRepo } from './temp.ts';

const world = (cwd: string) => ({ cwd, now: () => 0 });

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof CwfError) return error.code;
    throw error;
  }
}

describe('embed', () => {
  it('[CV-70] makes an image that import reads again, from either format', async () => {
    const t = await tempRepo({ 'ui.json': uiGraph(), 'api.json': apiGraph() });
    const out = embed({ files: ['ui.json'], image: 'ui.png' }, world(t.ctx.cwd));
    expect(out).toMatchObject({ to: 'png', files: [{ file: 'ui.json', out: 'ui.png' }] });
    await importFile.run(t.ctx, { source: 'ui.png', as: 'again.json' });
    const own = readWorkflow(parseJson(t.read('ui.json')), { catalog: t.ctx.catalog, source: 'ui.json' });
    expect(t.read('again.json')).toBe(formatWorkflow(own));
    embed({ files: ['api.json'], image: 'api.png' }, world(t.ctx.cwd));
    const { workflow, prompt } = readEmbedded(readFileSync(join(t.ctx.cwd, 'api.png')), 'x');
    expect(JSON.parse(prompt!)).toEqual(apiGraph());
    expect(JSON.parse(workflow!).version).toBe(0.4);
    expect(prompt).toMatch(/^[\x20-\x7e]*$/);
  });

  test('[CV-70] what is embedded is the file and its prompt, whatever they say', () => {
    const dir = tempDir();
    fc.assert(
      fc.property(
        fc.oneof(uiDocument, apiDocument),
        fc.constantFrom('é 漢 😀', 'a\u007f"\\', 'x'),
        (document, title) => {
          const json = { ...document, ...('nodes' in document ? { extra: { title } } : {}) } as JsonObject;
          writeFileSync(join(dir, 'a.json'), canonicalJson(json));
          writeFileSync(join(dir, 'a.png'), png(pngText('parameters', 'kept'), chunk('IDAT', 'pixels')));
          const before = readFileSync(join(dir, 'a.png'));
          const [file] = convert({ files: ['a.json'], to: 'nodes' in json ? 'api' : 'ui' }, world(dir)).files;
          try {
            embed({ files: ['a.json'], image: 'a.png' }, world(dir));
          } catch (error) {
            // Refused where the conversion is, and then nothing is written.
            if (!isCwfError(error, 'CONVERT_REFUSED')) throw error;
            expect(file!.error?.code).toBe('CONVERT_REFUSED');
            expect(readFileSync(join(dir, 'a.png'))).toEqual(before);
            return;
          }
          const { workflow, prompt } = readEmbedded(readFileSync(join(dir, 'a.png')), 'x');
          const [own, made] = 'nodes' in json ? [workflow, prompt] : [prompt, workflow];
          expect(jsonEqual(parseJson(own!), parseJson(canonicalJson(json)))).toBe(true);
          expect(jsonEqual(parseJson(made!), parseJson(canonicalJson(file!.document!)))).toBe(true);
        },
      ),
    );
    expect(readdirSync(dir).sort()).toEqual(['a.json', 'a.png']);
  });

  it('[CV-71] leaves an image untouched that it cannot write whole', () => {
    const dir = tempDir();
    const put = (name: string, content: string | Buffer) => writeFileSync(join(dir, name), content);
    put('a.json', text(uiGraph()));
    put('bad.json', '{"nodes":[{"id":1,"type":"Strange","widgets_values":[1]}],"links":[]}');
    put('cut.png', png(chunk('IDAT', 'pixels')).subarray(0, -3));
    put('real.png', png(chunk('IDAT', 'pixels')));
    symlinkSync('real.png', join(dir, 'link.png'));
    mkdirSync(join(dir, 'folder.png'));
    const before = Object.fromEntries(['cut.png', 'real.png'].map((name) => [name, readFileSync(join(dir, name))]));
    const run = (image: string, file = 'a.json') => codeOf(() => embed({ files: [file], image }, world(dir)));
    expect(run('cut.png')).toBe('IMAGE_INVALID');
    expect(run('real.png', 'bad.json')).toBe('CONVERT_REFUSED');
    expect(run('new.png', 'bad.json')).toBe('CONVERT_REFUSED');
    expect(run('link.png')).toBe('EMBED_INVALID');
    expect(run('folder.png')).toBe('EMBED_INVALID');
    expect(run('a.webp')).toBe('EMBED_INVALID');
    expect(codeOf(() => embed({ files: ['a.json', 'bad.json'], image: 'x.png' }, world(dir)))).toBe('EMBED_INVALID');
    expect(codeOf(() => embed({ files: ['a.json'], image: 'x.png', out: 'y' }, world(dir)))).toBe('EMBED_INVALID');
    for (const [name, bytes] of Object.entries(before)) expect(readFileSync(join(dir, name))).toEqual(bytes);
    expect(existsSync(join(dir, 'new.png'))).toBe(false);
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('[CV-71] keeps the permissions of an image', () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'a.json'), text(uiGraph()));
    writeFileSync(join(dir, 'a.png'), png(chunk('IDAT', 'pixels')), { mode: 0o600 });
    embed({ files: ['a.json'], image: 'a.png' }, world(dir));
    expect(statSync(join(dir, 'a.png')).mode & 0o777).toBe(0o600);
  });
});
